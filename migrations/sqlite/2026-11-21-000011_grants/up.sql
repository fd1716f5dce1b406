-- What a one-time code is for: `account` sets everything, `factor` only the second factor.
ALTER TABLE users ADD COLUMN activation_kind TEXT NOT NULL DEFAULT 'account';

-- Each stands in for a lost factor once; kept as SHA-256 of 120 random bits.
CREATE TABLE recovery_codes (
    digest TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    used_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

-- Rights beyond the roles of the home unit, and every right that two administrators give: asked for by one, confirmed by
-- another. A confirmed role of the home unit is also in users.roles, which is what counts there.
CREATE TABLE grants (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    appeal_id TEXT REFERENCES appeals (id),
    kind TEXT NOT NULL CHECK (kind IN ('role', 'field', 'factor-reset')),
    code TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'active', 'refused', 'ended')),
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_person TEXT NOT NULL,
    decided_by TEXT,
    created_at TIMESTAMP NOT NULL,
    changed_at TIMESTAMP NOT NULL
);
CREATE INDEX grants_by_user ON grants (user_id, state);
CREATE INDEX grants_by_unit ON grants (unit_id, id);

-- Accounts on outside platforms. The credential is sealed with the server key and never shown.
CREATE TABLE channel_accounts (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    credential BLOB,
    last_four TEXT NOT NULL,
    expires_at TIMESTAMP,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (platform, name)
);
CREATE INDEX channel_accounts_by_unit ON channel_accounts (unit_id, id);

CREATE TABLE channel_holders (
    account_id TEXT NOT NULL REFERENCES channel_accounts (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    since TIMESTAMP NOT NULL,
    PRIMARY KEY (account_id, user_id)
);

-- Names that are ours, kept free for us, or made to look like ours.
CREATE TABLE channel_names (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('owned', 'reserved', 'look-alike')),
    resembles TEXT NOT NULL,
    note TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (unit_id, platform, name)
);
