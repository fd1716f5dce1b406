-- Who is reached where, 160 people a row at first: a page of rows is read in the time that single seats took for a
-- fiftieth of it. seats holds sorted keys (src/db/audience/seat.rs), eight bytes each, big-endian; first is the first of
-- them, and a block reaches until the next one begins (src/db/audience/blocks.rs).
CREATE TABLE audience_blocks (
    first BIGINT PRIMARY KEY NOT NULL,
    seats BYTEA NOT NULL
);

-- At most 240 seats fit a page; compressing them would cost more than it saves.
ALTER TABLE audience_blocks ALTER COLUMN seats SET STORAGE PLAIN;

INSERT INTO audience_blocks (first, seats)
SELECT min(seat), string_agg(int8send(seat), ''::BYTEA ORDER BY seat)
FROM (SELECT seat, (row_number() OVER (ORDER BY seat) - 1) / 160 AS block FROM audience) AS cut
GROUP BY block;

DROP TABLE audience;
