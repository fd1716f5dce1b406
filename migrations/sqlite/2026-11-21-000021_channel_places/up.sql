-- Places as advertising platforms list them, with what the gazetteer read each as: a code, or why there is none.
CREATE TABLE channel_places (
    platform TEXT NOT NULL CHECK (platform IN ('x')),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('COUNTRIES', 'REGIONS', 'METROS', 'CITIES', 'POSTAL_CODES')),
    country TEXT NOT NULL,
    fetched_at TIMESTAMP NOT NULL,
    place TEXT,
    unresolved TEXT,
    index_version TEXT NOT NULL,
    PRIMARY KEY (platform, id)
);
