-- Who is reached where, 160 people a row at first: a page of rows is read in the time that single seats took for a
-- fiftieth of it. seats holds sorted keys (src/db/audience/seat.rs), eight bytes each, big-endian; first is the first of
-- them, and a block reaches until the next one begins (src/db/audience/blocks.rs).
CREATE TABLE audience_blocks (
    first INTEGER PRIMARY KEY NOT NULL,
    seats BLOB NOT NULL
);

INSERT INTO audience_blocks (first, seats)
SELECT min(seat), unhex(group_concat(printf('%016x', seat), '' ORDER BY seat))
FROM (SELECT seat, (row_number() OVER (ORDER BY seat) - 1) / 160 AS block FROM audience) AS cut
GROUP BY block;

DROP TABLE audience;
