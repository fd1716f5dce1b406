-- Who says a lot is theirs, response by response. Nothing here names anybody: who claims stands sealed in the response.
CREATE TABLE lot_claims (
    id TEXT PRIMARY KEY NOT NULL,
    response_id TEXT NOT NULL REFERENCES responses (id),
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'proposed', 'accepted', 'rejected', 'withdrawn')),
    proofs TEXT NOT NULL,
    hidden TEXT NOT NULL CHECK (hidden IN ('not_asked', 'asked', 'matches', 'differs')),
    version INTEGER NOT NULL,
    proposed_by TEXT,
    decided_by TEXT,
    decided_at TIMESTAMP,
    returned_at TIMESTAMP,
    sealed_restitution BYTEA,
    received_at TIMESTAMP NOT NULL,
    UNIQUE (response_id, lot_id)
);
CREATE INDEX lot_claims_by_lot ON lot_claims (appeal_id, lot_id, state);

-- How many responses name a municipality. Apart from the responses, so that no row says where its sender was.
CREATE TABLE response_places (
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    place TEXT NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (appeal_id, place)
);
