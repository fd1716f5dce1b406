DROP TABLE suppressions;
DROP TABLE bounces;
