-- Money for paid channels. Nothing but the trigger below moves a sum, and no sum can pass its ceiling whatever a program
-- does: the check refuses the entry, and with it the transaction that wanted it (security-and-ops §10.7). Euro cents.
CREATE TABLE budgets (
    appeal_id TEXT PRIMARY KEY NOT NULL REFERENCES appeals (id),
    ceiling_cents BIGINT NOT NULL CHECK (ceiling_cents >= 0),
    reserved_cents BIGINT NOT NULL DEFAULT 0 CHECK (reserved_cents >= 0),
    committed_cents BIGINT NOT NULL DEFAULT 0 CHECK (committed_cents >= 0 AND reserved_cents + committed_cents <= ceiling_cents),
    updated_at TIMESTAMP NOT NULL
);

-- One campaign of one delivery (src/domain/paid.rs). ends_at: the end date ordered from the platform.
CREATE TABLE paid_effects (
    delivery_id TEXT PRIMARY KEY NOT NULL REFERENCES deliveries (id),
    appeal_id TEXT NOT NULL REFERENCES budgets (appeal_id),
    channel TEXT NOT NULL,
    external_key TEXT NOT NULL UNIQUE,
    external_id TEXT,
    request_digest TEXT NOT NULL,
    cap_cents BIGINT NOT NULL CHECK (cap_cents > 0),
    reserved_cents BIGINT NOT NULL DEFAULT 0 CHECK (reserved_cents >= 0),
    committed_cents BIGINT NOT NULL DEFAULT 0 CHECK (committed_cents >= 0 AND reserved_cents + committed_cents <= cap_cents),
    reported_cents BIGINT NOT NULL DEFAULT 0,
    authorised_until TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL CHECK (ends_at <= authorised_until),
    phase TEXT NOT NULL CHECK (phase IN ('reserved', 'intended', 'made', 'running', 'ended', 'refused')),
    asked_at TIMESTAMP,
    creates INTEGER NOT NULL DEFAULT 0,
    looks INTEGER NOT NULL DEFAULT 0,
    absent_since TIMESTAMP,
    ended_at TIMESTAMP,
    due_at TIMESTAMP,
    fence BIGINT NOT NULL DEFAULT 0,
    drift TEXT NOT NULL DEFAULT '',
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX paid_effects_due ON paid_effects (due_at);
CREATE INDEX paid_effects_appeal ON paid_effects (appeal_id);

-- What became of the money, entry by entry, never changed: set aside, spent, given back.
CREATE TABLE ledger (
    id TEXT PRIMARY KEY NOT NULL,
    delivery_id TEXT NOT NULL REFERENCES paid_effects (delivery_id),
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'commit', 'release')),
    cents BIGINT NOT NULL CHECK (cents > 0),
    at TIMESTAMP NOT NULL
);
CREATE INDEX ledger_delivery ON ledger (delivery_id);

CREATE FUNCTION ledger_book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE paid_effects SET
        reserved_cents = reserved_cents + CASE NEW.kind WHEN 'reserve' THEN NEW.cents ELSE -NEW.cents END,
        committed_cents = committed_cents + CASE NEW.kind WHEN 'commit' THEN NEW.cents ELSE 0 END
        WHERE delivery_id = NEW.delivery_id;
    UPDATE budgets SET
        reserved_cents = reserved_cents + CASE NEW.kind WHEN 'reserve' THEN NEW.cents ELSE -NEW.cents END,
        committed_cents = committed_cents + CASE NEW.kind WHEN 'commit' THEN NEW.cents ELSE 0 END,
        updated_at = NEW.at
        WHERE appeal_id = (SELECT appeal_id FROM paid_effects WHERE delivery_id = NEW.delivery_id);
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_booked AFTER INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_book();
CREATE FUNCTION ledger_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only added to';
END $$;
CREATE TRIGGER ledger_not_changed BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_keep();
CREATE TRIGGER ledger_not_deleted BEFORE DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_keep();
