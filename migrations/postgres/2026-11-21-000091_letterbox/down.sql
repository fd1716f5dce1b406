DROP TABLE letterbox_mails;
DROP TABLE letterbox_keys;
DROP TABLE letterboxes;
