-- Until when the responses of a closed appeal are kept. A hold (proceedings) stops the clock's effect, with a name and a reason.
CREATE TABLE appeal_retentions (
    appeal_id TEXT PRIMARY KEY NOT NULL REFERENCES appeals (id),
    retain_until TIMESTAMP NOT NULL,
    held_by TEXT,
    hold_reason TEXT,
    warned_at TIMESTAMP,
    erased_at TIMESTAMP
);
CREATE INDEX appeal_retentions_due ON appeal_retentions (retain_until) WHERE erased_at IS NULL;
