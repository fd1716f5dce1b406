DROP TABLE ledger;
DROP TABLE paid_effects;
DROP TABLE budgets;
DROP FUNCTION ledger_book();
DROP FUNCTION ledger_keep();
