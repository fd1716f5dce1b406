-- What is said of the person sought: one officer says so, a second one confirms. Why stands in the audit.
CREATE TABLE statements (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    response_id TEXT REFERENCES responses (id),
    says TEXT NOT NULL CHECK (says IN ('deceased', 'safe', 'located')),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'refused')),
    proposed_by TEXT NOT NULL,
    proposed_person TEXT NOT NULL,
    proposed_at TIMESTAMP NOT NULL,
    decided_by TEXT,
    decided_person TEXT,
    decided_at TIMESTAMP
);
CREATE INDEX statements_by_appeal ON statements (appeal_id, id);
CREATE INDEX statements_by_response ON statements (response_id) WHERE response_id IS NOT NULL;

-- The few who may open a response that only so many may ever open: whoever opened it first.
CREATE TABLE response_confidants (
    response_id TEXT NOT NULL REFERENCES responses (id),
    person_id TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (response_id, person_id)
);
