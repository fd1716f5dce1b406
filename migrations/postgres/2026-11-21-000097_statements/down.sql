DROP TABLE response_confidants;
DROP TABLE statements;
