-- By when a response must have been opened, where the rules give it a time; told once when nobody did.
CREATE TABLE response_dues (
    response_id TEXT PRIMARY KEY NOT NULL REFERENCES responses (id),
    appeal_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    told_at TIMESTAMP
);
CREATE INDEX response_dues_open ON response_dues (due_at) WHERE told_at IS NULL;

-- Which unit looks at the reports of illegal content that a unit gets; itself where there is no row.
CREATE TABLE report_receivers (
    unit_id TEXT PRIMARY KEY NOT NULL REFERENCES units (id),
    receiver_id TEXT NOT NULL REFERENCES units (id),
    set_by TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL
);

-- Reports of illegal content, routed. What was said stays sealed in the response.
CREATE TABLE reports (
    response_id TEXT PRIMARY KEY NOT NULL REFERENCES responses (id),
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    role TEXT NOT NULL,
    rule TEXT NOT NULL,
    routed_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP,
    version INTEGER NOT NULL,
    verdict TEXT,
    decided_by TEXT,
    decided_at TIMESTAMP
);
CREATE INDEX reports_by_unit ON reports (unit_id, response_id);

-- What was reported before there were routes.
INSERT INTO reports (response_id, appeal_id, unit_id, role, rule, routed_at, version)
SELECT id, appeal_id, unit_id, 'report_officer', 'TRIAGE-ILLEGAL', received_at, 1 FROM responses WHERE kind = 'illegal_content';
