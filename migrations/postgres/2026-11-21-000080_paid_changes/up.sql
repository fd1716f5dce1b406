-- A change of a campaign that is out: what it may cost, when it ends (src/domain/paid/change.rs). Written before the platform
-- is asked, settled when the platform was seen to have it. to_*: ordered; from_*: what the platform may still have.
CREATE TABLE paid_changes (
    id TEXT PRIMARY KEY NOT NULL,
    delivery_id TEXT NOT NULL REFERENCES paid_effects (delivery_id),
    because TEXT NOT NULL,
    to_cents BIGINT NOT NULL CHECK (to_cents > 0),
    to_ends_at TIMESTAMP NOT NULL,
    from_cents BIGINT NOT NULL,
    from_ends_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'intended', 'made', 'held', 'refused', 'replaced')),
    request_digest TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0,
    decided_at TIMESTAMP NOT NULL,
    asked_at TIMESTAMP,
    settled_at TIMESTAMP,
    detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX paid_changes_delivery ON paid_changes (delivery_id);
-- One at a time: a later decision replaces the one before.
CREATE UNIQUE INDEX paid_changes_open ON paid_changes (delivery_id) WHERE state IN ('waiting', 'intended', 'held');

-- What is authorised now. The ceiling follows: at once when it rises; when it falls, as far as what is set aside allows, until
-- the platforms were seen to have less.
ALTER TABLE budgets ADD COLUMN authorised_cents BIGINT NOT NULL DEFAULT 0;
UPDATE budgets SET authorised_cents = ceiling_cents;

-- More money wished for something that is out, until the chain says yes or the wish is taken back.
CREATE TABLE budget_wishes (
    appeal_id TEXT PRIMARY KEY NOT NULL REFERENCES appeals (id),
    cents BIGINT NOT NULL CHECK (cents > 0),
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL
);
