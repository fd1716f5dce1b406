-- Which person of an identity provider an account belongs to.
CREATE TABLE openid_bindings (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT UNIQUE NOT NULL REFERENCES users (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    used_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (issuer, subject)
);

-- A sign-in that went to the identity provider and is expected back, wherever it arrives. `sealed` holds nonce and
-- verifier under the server key; the account is known once the provider has said who it is.
CREATE TABLE openid_visits (
    state_digest TEXT PRIMARY KEY NOT NULL,
    secret_digest TEXT NOT NULL,
    session_id TEXT,
    user_id TEXT REFERENCES users (id),
    stage TEXT NOT NULL CHECK (stage IN ('away', 'back', 'identified')),
    sealed TEXT NOT NULL,
    ends_at TIMESTAMP NOT NULL
);
CREATE INDEX openid_visits_by_end ON openid_visits (ends_at);
