ALTER TABLE responses ADD COLUMN assigned_to TEXT;
-- Who has it open, and until when nobody else should.
ALTER TABLE responses ADD COLUMN locked_by TEXT;
ALTER TABLE responses ADD COLUMN locked_until TIMESTAMP;

-- What officers write about a response: for the unit or for themselves. What the sender reads is a message.
CREATE TABLE response_notes (
    id TEXT PRIMARY KEY NOT NULL,
    response_id TEXT NOT NULL REFERENCES responses (id),
    by_user TEXT NOT NULL,
    visibility TEXT NOT NULL CHECK (visibility IN ('unit', 'own')),
    sealed BLOB NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX response_notes_by_response ON response_notes (response_id, id);

CREATE TABLE response_tags (
    response_id TEXT NOT NULL REFERENCES responses (id),
    tag TEXT NOT NULL,
    by_user TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (response_id, tag)
);

CREATE TABLE response_links (
    response_id TEXT NOT NULL REFERENCES responses (id),
    other_id TEXT NOT NULL REFERENCES responses (id),
    kind TEXT NOT NULL,
    by_user TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (response_id, other_id)
);
CREATE INDEX response_links_by_other ON response_links (other_id);

-- Handing a response on: it stays with the giver until the receiver takes it.
CREATE TABLE response_transfers (
    id TEXT PRIMARY KEY NOT NULL,
    response_id TEXT NOT NULL REFERENCES responses (id),
    from_user TEXT NOT NULL,
    to_user TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'refused')),
    offered_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP
);
CREATE INDEX response_transfers_by_response ON response_transfers (response_id, id);
