DROP TABLE platform_tasks;
ALTER TABLE letters DROP COLUMN answers;
DROP TABLE night_acknowledgements;
