DROP TABLE budget_wishes;
ALTER TABLE budgets DROP COLUMN authorised_cents;
DROP TABLE paid_changes;
