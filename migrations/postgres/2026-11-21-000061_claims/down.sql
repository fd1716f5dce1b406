DROP TABLE response_places;
DROP TABLE lot_claims;
