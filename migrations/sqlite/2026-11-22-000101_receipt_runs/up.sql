-- What stands before the digests of receipts. Digests are spread over the whole of their index, so that in a rush every one
-- of a batch would change a page of its own; behind a common beginning they lie together. Each beginning here is tried when
-- somebody returns with a code. Nothing stands before the digest of what comes outside a rush.
CREATE TABLE receipt_runs (
    prefix TEXT PRIMARY KEY NOT NULL
);
INSERT INTO receipt_runs (prefix) VALUES ('');
