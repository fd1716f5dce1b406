-- Mails that name no appeal, sealed to a key of their unit. Like an appeal's, its private half is kept only wrapped, once for
-- each reader and once for the recovery key.
CREATE TABLE letterboxes (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL UNIQUE REFERENCES units (id),
    public_key BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE letterbox_keys (
    letterbox_id TEXT NOT NULL REFERENCES letterboxes (id),
    reader TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (letterbox_id, reader)
);

-- A mail as it came, sealed in pieces in the store under the digest of its ciphertext; the key to it in sealed_key.
CREATE TABLE letterbox_mails (
    id TEXT PRIMARY KEY NOT NULL,
    letterbox_id TEXT NOT NULL REFERENCES letterboxes (id),
    unit_id TEXT NOT NULL,
    known_as TEXT NOT NULL UNIQUE,
    sealed_key BYTEA NOT NULL,
    content TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL
);
CREATE INDEX letterbox_mails_by_unit ON letterbox_mails (unit_id, id);
CREATE INDEX letterbox_mails_by_age ON letterbox_mails (received_at);
