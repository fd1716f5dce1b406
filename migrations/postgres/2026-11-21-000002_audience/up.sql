-- Who is reached where: one number per active subscriber, in the order a search by language and cells reads.

-- Given when a subscriber becomes active and never given again; NULL while the sign-up waits.
ALTER TABLE subscribers ADD COLUMN number BIGINT;

-- One row an active subscriber: language, cell and number in one 64-bit key (src/db/audience/seat.rs).
-- Nothing but the key: an index-only scan answers.
CREATE TABLE audience (
    seat BIGINT PRIMARY KEY NOT NULL
);

-- What changed last, for copies kept in memory. Rows go after an hour: a seat says where somebody lived.
CREATE TABLE audience_changes (
    change BIGINT PRIMARY KEY NOT NULL,
    seat BIGINT NOT NULL,
    came INTEGER NOT NULL CHECK (came IN (0, 1)),
    at TIMESTAMP NOT NULL
);
CREATE INDEX audience_changes_at ON audience_changes (at);

-- The last change, the last one whose row is gone, the next number, how many people. Its row lock orders the changes.
CREATE TABLE audience_head (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    change BIGINT NOT NULL,
    kept_after BIGINT NOT NULL,
    next_number BIGINT NOT NULL,
    people BIGINT NOT NULL
);

UPDATE subscribers SET number = numbered.number
FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM subscribers WHERE state = 'active') AS numbered
WHERE numbered.id = subscribers.id;
CREATE UNIQUE INDEX subscribers_by_number ON subscribers (number);
DROP INDEX subscribers_by_cell;

-- The same arithmetic as in seat.rs; a test compares the two.
INSERT INTO audience (seat)
SELECT (CASE language WHEN 'fr' THEN 0 WHEN 'nl' THEN 34461980378 ELSE 68923960756 END
        + ((cell >> 45) & 127) * 282475249
            + ((cell >> 42) & 7) * 40353607
            + ((cell >> 39) & 7) * 5764801
            + ((cell >> 36) & 7) * 823543
            + ((cell >> 33) & 7) * 117649
            + ((cell >> 30) & 7) * 16807
            + ((cell >> 27) & 7) * 2401
            + ((cell >> 24) & 7) * 343
            + ((cell >> 21) & 7) * 49
            + ((cell >> 18) & 7) * 7
            + ((cell >> 15) & 7) * 1
        - 68719476736) * 134217728 + number
FROM subscribers WHERE number IS NOT NULL;

INSERT INTO audience_head (id, change, kept_after, next_number, people)
SELECT 1, 0, 0, count(*) + 1, count(*) FROM audience;
