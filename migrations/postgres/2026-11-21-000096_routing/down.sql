DROP TABLE reports;
DROP TABLE report_receivers;
DROP TABLE response_dues;
