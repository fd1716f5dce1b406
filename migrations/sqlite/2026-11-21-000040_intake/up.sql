-- The audit entry of the batch a response was stored with; batches come one after the other, so this is also the order.
ALTER TABLE responses ADD COLUMN batch BIGINT NOT NULL DEFAULT 0;
-- The first response of those that are alike; its own id when it is the first.
ALTER TABLE responses ADD COLUMN family TEXT NOT NULL DEFAULT '';
-- The response this one repeats without saying more.
ALTER TABLE responses ADD COLUMN duplicate_of TEXT;
-- Responses that tell of the same place and hour: a name only the appeal's likeness key makes.
ALTER TABLE responses ADD COLUMN sighting TEXT;
-- What the sender did to be believed a person: not_asked, work, time, none.
ALTER TABLE responses ADD COLUMN proof TEXT NOT NULL DEFAULT 'not_asked';
ALTER TABLE responses ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE responses ADD COLUMN weight INTEGER NOT NULL DEFAULT 0;
-- Signs for the reader, by blanks: corroborated, withheld_fact, implausible.
ALTER TABLE responses ADD COLUMN signs TEXT NOT NULL DEFAULT '';
CREATE INDEX responses_in_queue ON responses (appeal_id, urgency DESC, weight DESC, id) WHERE duplicate_of IS NULL;
CREATE INDEX responses_by_copy ON responses (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX responses_by_sighting ON responses (appeal_id, sighting) WHERE sighting IS NOT NULL;

-- The secret under which an appeal's texts are compared, sealed with the server key; gone when the appeal is closed.
CREATE TABLE likeness_keys (
    appeal_id TEXT PRIMARY KEY NOT NULL REFERENCES appeals (id),
    sealed BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- What later texts are compared with: one sealed sketch per head, none for what repeats it.
CREATE TABLE likeness_heads (
    response_id TEXT PRIMARY KEY NOT NULL REFERENCES responses (id),
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    family TEXT NOT NULL,
    batch BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX likeness_heads_by_appeal ON likeness_heads (appeal_id, batch);
