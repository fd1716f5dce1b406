-- Who was told at night that nobody reads before the morning: a keyed digest, deleted after two days.
CREATE TABLE night_acknowledgements (
    sender TEXT PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX night_acknowledgements_by_age ON night_acknowledgements (at);

-- The Message-ID of a mail that a letter answers by itself.
ALTER TABLE letters ADD COLUMN answers TEXT;

-- What a worker does at a platform that forwards messages: tell a sender something, fetch what they sent. Whom, what and from
-- where is sealed with the server key, and deleted when it is done.
CREATE TABLE platform_tasks (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('acknowledge', 'fetch')),
    response_id TEXT,
    sealed BYTEA NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX platform_tasks_due ON platform_tasks (due_at);
