-- What follows from refused mails is decided beside a dispatch, not in the middle of it: since when a refusal waits for that.
ALTER TABLE bounces ADD COLUMN waits_since TIMESTAMP;
CREATE INDEX bounces_waiting ON bounces (waits_since) WHERE waits_since IS NOT NULL;
