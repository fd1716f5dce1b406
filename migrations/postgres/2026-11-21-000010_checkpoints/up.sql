-- Entries of form 2 carry reason and payload as salted digests in their hash, so that both can be erased.
ALTER TABLE audit_entries ADD COLUMN form INTEGER NOT NULL DEFAULT 1;
ALTER TABLE audit_entries ADD COLUMN salt TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN reason_digest TEXT NOT NULL DEFAULT '';

-- Signed with a key that is not in the database, and pushed to places outside it.
CREATE TABLE audit_checkpoints (
    number BIGINT PRIMARY KEY NOT NULL,
    size BIGINT NOT NULL,
    head TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    prev TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL
);

-- How far each outside place has come, and what went wrong there last.
CREATE TABLE audit_places (
    place TEXT PRIMARY KEY NOT NULL,
    number BIGINT NOT NULL,
    pushed_at TIMESTAMP,
    failure TEXT NOT NULL,
    failed_at TIMESTAMP
);
