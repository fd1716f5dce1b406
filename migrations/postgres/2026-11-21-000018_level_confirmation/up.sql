-- A level of validation lets somebody publish, so a second administrator confirms it. Those given before stay.
ALTER TABLE level_seats ADD COLUMN confirmed_by TEXT;
UPDATE level_seats SET confirmed_by = given_by;
