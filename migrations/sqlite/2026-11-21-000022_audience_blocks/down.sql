DROP TABLE audience_blocks;
CREATE TABLE audience (
    seat INTEGER PRIMARY KEY NOT NULL
);

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
