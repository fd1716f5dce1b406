-- Tries of a recipient after which nobody could say whether the mail arrived.
ALTER TABLE recipients ADD COLUMN unclear INTEGER NOT NULL DEFAULT 0;

-- The province all of a shard's cells are in ('PROV:20001', 'DEP:59'); empty for what has none.
ALTER TABLE deliveries ADD COLUMN province TEXT NOT NULL DEFAULT '';

-- Rate budget and circuit breaker of an outside account (src/domain/flow.rs), shared by all workers. tokens: thousandths
-- of a send.
CREATE TABLE account_flows (
    account TEXT PRIMARY KEY NOT NULL,
    tokens BIGINT NOT NULL,
    refilled_at TIMESTAMP NOT NULL,
    failures INTEGER NOT NULL,
    closed_until TIMESTAMP,
    note TEXT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Raised by every restore: an old backup must not send again (security-and-ops §11).
CREATE TABLE installation (
    id INTEGER PRIMARY KEY NOT NULL,
    epoch BIGINT NOT NULL
);
INSERT INTO installation (id, epoch) VALUES (1, 0);

-- The way back as work of its own: looked at from outside until proven or given up.
ALTER TABLE takedowns ADD COLUMN state TEXT NOT NULL DEFAULT 'proven' CHECK (state IN ('open', 'waiting', 'proven', 'failed'));
ALTER TABLE takedowns ADD COLUMN due_at TIMESTAMP;
ALTER TABLE takedowns ADD COLUMN fence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE takedowns ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE takedowns ADD COLUMN looked_at TIMESTAMP;
ALTER TABLE takedowns ADD COLUMN failure TEXT NOT NULL DEFAULT '';
UPDATE takedowns SET state = 'waiting' WHERE done_at IS NULL;
CREATE INDEX takedowns_due ON takedowns (state, due_at);
