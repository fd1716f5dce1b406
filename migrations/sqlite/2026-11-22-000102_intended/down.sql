ALTER TABLE deliveries DROP COLUMN intended_at;
ALTER TABLE deliveries DROP COLUMN intended_last;
ALTER TABLE deliveries DROP COLUMN intended_first;
