DROP TABLE relay_days;
