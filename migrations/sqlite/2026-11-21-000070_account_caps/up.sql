-- What the campaigns of one advertising account may cost in a month (UTC), whichever appeals they belong to. A campaign
-- counts in the month its money was set aside in. As with an appeal's own ceiling, nothing but the trigger below moves a sum,
-- and the check refuses the entry that would pass the ceiling, and with it the transaction that wanted it. Euro cents.
ALTER TABLE paid_effects ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE paid_effects ADD COLUMN cap_month TEXT NOT NULL DEFAULT '';
CREATE INDEX paid_effects_account ON paid_effects (account, cap_month);
CREATE TABLE account_caps (
    account TEXT NOT NULL,
    month TEXT NOT NULL,
    ceiling_cents BIGINT NOT NULL CHECK (ceiling_cents >= 0),
    reserved_cents BIGINT NOT NULL DEFAULT 0 CHECK (reserved_cents >= 0),
    committed_cents BIGINT NOT NULL DEFAULT 0 CHECK (committed_cents >= 0 AND reserved_cents + committed_cents <= ceiling_cents),
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (account, month)
);

CREATE TRIGGER ledger_capped AFTER INSERT ON ledger BEGIN
    UPDATE account_caps SET
        reserved_cents = reserved_cents + CASE NEW.kind WHEN 'reserve' THEN NEW.cents ELSE -NEW.cents END,
        committed_cents = committed_cents + CASE NEW.kind WHEN 'commit' THEN NEW.cents ELSE 0 END,
        updated_at = NEW.at
        WHERE EXISTS (SELECT 1 FROM paid_effects WHERE paid_effects.delivery_id = NEW.delivery_id
            AND paid_effects.account = account_caps.account AND paid_effects.cap_month = account_caps.month);
END;
