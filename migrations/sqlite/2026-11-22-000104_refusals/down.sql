DROP INDEX bounces_waiting;
ALTER TABLE bounces DROP COLUMN waits_since;
