-- Where a unit is told what is late, and in which language; empty: as the installation's settings say.
ALTER TABLE units ADD COLUMN duty_address TEXT NOT NULL DEFAULT '';
ALTER TABLE units ADD COLUMN duty_language TEXT NOT NULL DEFAULT '';

-- What somebody was told about: each thing once. about tells two occasions of one object apart, such as a new end.
CREATE TABLE escalations (
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    about TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (kind, object, about)
);
