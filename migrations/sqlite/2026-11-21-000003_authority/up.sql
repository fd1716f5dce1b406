-- What a magistrate's decision rests on and who says yes: questions, a unit's changes of rules, levels of validation,
-- the paper behind an oral decision, the review after an emergency, what was found out about an appeal.

-- Every list of questions as it was answered; asking again is a new row.
CREATE TABLE assessments (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    criteria TEXT NOT NULL,
    answers TEXT NOT NULL,
    triggered INTEGER NOT NULL CHECK (triggered IN (0, 1)),
    by_person TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX assessments_by_appeal ON assessments (appeal_id, id);

-- What a unit's legal officer changed of the rules. A change ends, it is never edited.
CREATE TABLE rule_overrides (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    rule TEXT NOT NULL,
    change TEXT NOT NULL,
    reason TEXT NOT NULL,
    by_person TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    ended_by TEXT,
    ended_at TIMESTAMP,
    end_reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX rule_overrides_by_unit ON rule_overrides (unit_id, id);

-- Who may say yes at which level; a delegated seat names whose it is while they are away.
CREATE TABLE level_seats (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    level TEXT NOT NULL,
    delegated_by TEXT REFERENCES users (id),
    valid_from TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,
    given_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX level_seats_by_user ON level_seats (user_id, level);
CREATE INDEX level_seats_by_unit ON level_seats (unit_id, id);

-- The paper that follows an oral decision within its day, recorded by one person and verified by another.
CREATE TABLE authorisation_confirmations (
    authorisation_id TEXT PRIMARY KEY NOT NULL REFERENCES authorisations (id),
    document TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    entered_at TIMESTAMP NOT NULL,
    verified_by TEXT,
    verified_at TIMESTAMP,
    called_back_on TEXT NOT NULL DEFAULT ''
);

-- The review that follows an emergency.
CREATE TABLE reviews (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    plan_digest TEXT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    escalated_at TIMESTAMP,
    verdict TEXT CHECK (verdict IN ('yes', 'no')),
    note TEXT NOT NULL DEFAULT '',
    by_person TEXT,
    at TIMESTAMP,
    UNIQUE (appeal_id, plan_digest)
);
CREATE INDEX reviews_due ON reviews (due_at) WHERE at IS NULL;

-- What was found out after filing and changes what may be shown: a minor, a victim.
CREATE TABLE discoveries (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    kind TEXT NOT NULL CHECK (kind IN ('minor')),
    note TEXT NOT NULL,
    by_person TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX discoveries_by_appeal ON discoveries (appeal_id, id);

ALTER TABLE validations ADD COLUMN level TEXT NOT NULL DEFAULT 'communication_officer';
ALTER TABLE validations ADD COLUMN on_behalf_of TEXT NOT NULL DEFAULT '';
-- Why a plan goes the emergency path; empty when it does not.
ALTER TABLE plans ADD COLUMN emergency TEXT NOT NULL DEFAULT '';
-- The decisions of other countries a dispatch rests on, ids with a space between; empty at home.
ALTER TABLE dispatches ADD COLUMN abroad TEXT NOT NULL DEFAULT '';
ALTER TABLE takedowns ADD COLUMN escalated_at TIMESTAMP;

-- What must never leave the case: facts held back, names, references. Sealed with the server's key, not readable in a copy
-- of the database alone.
CREATE TABLE appeal_secrets (
    appeal_id TEXT PRIMARY KEY NOT NULL REFERENCES appeals (id),
    sealed BLOB NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
