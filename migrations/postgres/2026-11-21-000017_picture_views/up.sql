-- What people saw on a picture before it goes out: the editor and a second viewer (PI-06). Rows are only added.
CREATE TABLE picture_views (
    media_id TEXT NOT NULL REFERENCES media (id),
    by_person TEXT NOT NULL,
    restraint INTEGER NOT NULL CHECK (restraint IN (0, 1)),
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (media_id, by_person)
);
