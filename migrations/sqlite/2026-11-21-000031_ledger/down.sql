DROP TABLE ledger;
DROP TABLE paid_effects;
DROP TABLE budgets;
