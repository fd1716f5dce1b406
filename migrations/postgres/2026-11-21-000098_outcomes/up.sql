-- Who or what was identified, by which response. Names are sealed to the appeal's readers; same_as: counted there.
CREATE TABLE identifications (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    response_id TEXT NOT NULL REFERENCES responses (id),
    of_whom TEXT NOT NULL CHECK (of_whom IN ('victim', 'owner')),
    lot_id TEXT,
    same_as TEXT,
    sealed_name BYTEA,
    by_user TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX identifications_by_appeal ON identifications (appeal_id, id);
CREATE INDEX identifications_by_response ON identifications (response_id);

-- How many of the responses that name a municipality were useful: counted when one is judged, by whoever could read it.
ALTER TABLE response_places ADD COLUMN useful BIGINT NOT NULL DEFAULT 0;
