-- What carries a live appeal on beyond the decisions it was sent under: later decisions, each with the plan the chain
-- signed for them. Rows are only added.
CREATE TABLE continuations (
    dispatch_id TEXT NOT NULL REFERENCES dispatches (id),
    plan_digest TEXT NOT NULL,
    authorisations TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (dispatch_id, plan_digest)
);
