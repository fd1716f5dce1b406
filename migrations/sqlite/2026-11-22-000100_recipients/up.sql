-- A recipient's row lies in the tree of its key instead of beside it: one tree is read and written, not two.
ALTER TABLE recipients RENAME TO recipients_beside;
CREATE TABLE recipients (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    subscriber_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'unknown', 'skipped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TIMESTAMP NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    unclear INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (delivery_id, subscriber_id)
) WITHOUT ROWID;
INSERT INTO recipients (delivery_id, subscriber_id, state, attempts, due_at, note, unclear)
SELECT delivery_id, subscriber_id, state, attempts, due_at, note, unclear FROM recipients_beside
ORDER BY delivery_id, subscriber_id;
DROP TABLE recipients_beside;
