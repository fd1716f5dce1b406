ALTER TABLE level_seats DROP COLUMN confirmed_by;
