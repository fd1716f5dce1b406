-- Whom a mail delivery is about to reach: those from the first to the last of these who were due at this moment and of whom
-- nothing is known. One row says it for a whole batch; it is written to the recipients' own rows (`unknown`) when whoever
-- knew more is gone.
ALTER TABLE deliveries ADD COLUMN intended_first TEXT;
ALTER TABLE deliveries ADD COLUMN intended_last TEXT;
ALTER TABLE deliveries ADD COLUMN intended_at TIMESTAMP;
