DROP TABLE audit_places;
DROP TABLE audit_checkpoints;
ALTER TABLE audit_entries DROP COLUMN reason_digest;
ALTER TABLE audit_entries DROP COLUMN salt;
ALTER TABLE audit_entries DROP COLUMN form;
