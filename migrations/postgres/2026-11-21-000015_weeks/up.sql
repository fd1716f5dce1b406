-- Cold appeals validated together for a week ahead, each to go out at its own hour. The list is never edited; what became of
-- each appeal on it is its row's state.
CREATE TABLE weeks (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    title TEXT NOT NULL,
    digest TEXT NOT NULL,
    composed_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    released_by TEXT,
    released_at TIMESTAMP
);
CREATE INDEX weeks_by_unit ON weeks (unit_id, id);

CREATE TABLE week_items (
    week_id TEXT NOT NULL REFERENCES weeks (id),
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    plan_digest TEXT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'dispatched', 'void', 'refused', 'returned')),
    note TEXT NOT NULL DEFAULT '',
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (week_id, appeal_id)
);
CREATE INDEX week_items_due ON week_items (due_at) WHERE state = 'planned';
