-- How many files came with a response.
ALTER TABLE responses ADD COLUMN attachments INTEGER NOT NULL DEFAULT 0;

-- A file of a response. Its bytes lie sealed in the store of pictures under the digests of the ciphertexts; name, digest and
-- key of the original stand in sealed_meta. Without that row nobody can open the bytes. same_as names the first attachment
-- with the same picture, its own id when it is the first; nothing when it is not comparable.
CREATE TABLE response_attachments (
    id TEXT PRIMARY KEY NOT NULL,
    response_id TEXT NOT NULL REFERENCES responses (id),
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    scan TEXT NOT NULL CHECK (scan IN ('not_scanned', 'clean', 'infected', 'failed')),
    sealed_meta BLOB NOT NULL,
    original TEXT NOT NULL,
    view_copy TEXT,
    preview TEXT,
    same_as TEXT,
    at TIMESTAMP NOT NULL,
    UNIQUE (response_id, number)
);
CREATE INDEX response_attachments_by_picture ON response_attachments (appeal_id, same_as) WHERE same_as IS NOT NULL;

-- What later pictures are compared with: one sealed sketch per first picture; gone when the appeal is closed.
CREATE TABLE picture_heads (
    attachment_id TEXT PRIMARY KEY NOT NULL REFERENCES response_attachments (id),
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    batch BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX picture_heads_by_appeal ON picture_heads (appeal_id, batch);
