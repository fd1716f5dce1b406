DROP TABLE receipt_runs;
