-- What happened and is still to be told: written in the transaction of the act itself, taken by a worker. Ids and counts only.
CREATE TABLE events (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    kind TEXT NOT NULL,
    appeal_id TEXT,
    object TEXT NOT NULL,
    latest TEXT NOT NULL,
    count BIGINT NOT NULL,
    at TIMESTAMP NOT NULL
);

-- Addresses of programs that are told. Secrets are sealed with the server key; the one before serves on for a day.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    description TEXT NOT NULL,
    sealed_secret BLOB NOT NULL,
    sealed_previous BLOB,
    previous_until TIMESTAMP,
    version INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    disabled_at TIMESTAMP,
    disabled_because TEXT NOT NULL,
    removed_at TIMESTAMP
);
CREATE INDEX webhooks_by_unit ON webhooks (unit_id) WHERE removed_at IS NULL;

-- One message to one webhook. fold_key: events of that name wait together in one message until it is first sent.
CREATE TABLE webhook_messages (
    id TEXT PRIMARY KEY NOT NULL,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id),
    unit_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    fold_key TEXT,
    appeal_id TEXT,
    object TEXT NOT NULL,
    latest TEXT NOT NULL,
    count BIGINT NOT NULL,
    event_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL,
    fence BIGINT NOT NULL,
    due_at TIMESTAMP,
    leased_until TIMESTAMP,
    since TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX webhook_messages_due ON webhook_messages (due_at) WHERE state = 'pending';
CREATE INDEX webhook_messages_by_webhook ON webhook_messages (webhook_id, id);
CREATE INDEX webhook_messages_folded ON webhook_messages (webhook_id, fold_key) WHERE fold_key IS NOT NULL;

CREATE TABLE webhook_attempts (
    message_id TEXT NOT NULL REFERENCES webhook_messages (id),
    number INTEGER NOT NULL,
    at TIMESTAMP NOT NULL,
    millis BIGINT NOT NULL,
    status INTEGER,
    outcome TEXT NOT NULL,
    PRIMARY KEY (message_id, number)
);

-- How an officer wants to be told by mail. due_at: when the next mail goes; none while nothing waits.
CREATE TABLE notice_wishes (
    user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    urgent INTEGER NOT NULL,
    every_minutes INTEGER,
    daily_minute INTEGER,
    last_at TIMESTAMP,
    due_at TIMESTAMP
);
CREATE INDEX notice_wishes_due ON notice_wishes (due_at) WHERE due_at IS NOT NULL;

-- What the next mail says: a line for each kind of event and appeal, with a count.
CREATE TABLE notice_lines (
    user_id TEXT NOT NULL REFERENCES notice_wishes (user_id),
    kind TEXT NOT NULL,
    appeal_id TEXT NOT NULL,
    object TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, appeal_id)
);
