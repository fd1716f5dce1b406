DROP TABLE audience_head;
DROP TABLE audience_changes;
DROP TABLE audience;
DROP INDEX subscribers_by_number;
ALTER TABLE subscribers DROP COLUMN number;
CREATE INDEX subscribers_by_cell ON subscribers (language, cell, id) WHERE state = 'active';
