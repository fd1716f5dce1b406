DROP TRIGGER ledger_capped ON ledger;
DROP FUNCTION ledger_cap();
DROP TABLE account_caps;
DROP INDEX paid_effects_account;
ALTER TABLE paid_effects DROP COLUMN cap_month;
ALTER TABLE paid_effects DROP COLUMN account;
