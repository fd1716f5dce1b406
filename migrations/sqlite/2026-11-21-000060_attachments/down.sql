DROP TABLE picture_heads;
DROP TABLE response_attachments;
ALTER TABLE responses DROP COLUMN attachments;
