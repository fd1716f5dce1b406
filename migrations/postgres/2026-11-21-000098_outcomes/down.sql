ALTER TABLE response_places DROP COLUMN useful;
DROP TABLE identifications;
