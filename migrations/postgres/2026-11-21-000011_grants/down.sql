DROP TABLE channel_names;
DROP TABLE channel_holders;
DROP TABLE channel_accounts;
DROP TABLE grants;
DROP TABLE recovery_codes;
ALTER TABLE users DROP COLUMN activation_kind;
