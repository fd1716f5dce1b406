DROP TABLE escalations;
ALTER TABLE units DROP COLUMN duty_language;
ALTER TABLE units DROP COLUMN duty_address;
