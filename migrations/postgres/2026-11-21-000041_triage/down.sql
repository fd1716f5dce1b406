DROP TABLE response_transfers;
DROP TABLE response_links;
DROP TABLE response_tags;
DROP TABLE response_notes;
ALTER TABLE responses DROP COLUMN locked_until;
ALTER TABLE responses DROP COLUMN locked_by;
ALTER TABLE responses DROP COLUMN assigned_to;
