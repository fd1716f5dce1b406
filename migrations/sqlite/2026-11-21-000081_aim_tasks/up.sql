-- Appeals whose aims have to be found before a plan is whole: seconds of work, done by workers and never inside a request.
CREATE TABLE aim_tasks (
    appeal_id TEXT PRIMARY KEY NOT NULL REFERENCES appeals (id),
    asked_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    fence BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX aim_tasks_due ON aim_tasks (due_at);
