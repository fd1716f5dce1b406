DROP TABLE appeal_retentions;
