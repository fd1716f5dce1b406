DROP TRIGGER ledger_capped;
DROP TABLE account_caps;
DROP INDEX paid_effects_account;
ALTER TABLE paid_effects DROP COLUMN cap_month;
ALTER TABLE paid_effects DROP COLUMN account;
