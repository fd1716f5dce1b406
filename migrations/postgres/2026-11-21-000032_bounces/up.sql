-- Mails that came back, one row each, so that a second report of the same mail counts once.
CREATE TABLE bounces (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    subscriber_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('gone', 'soft', 'ours')),
    status TEXT NOT NULL DEFAULT '',
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (delivery_id, subscriber_id)
);
CREATE INDEX bounces_by_subscriber ON bounces (subscriber_id, at);

-- Addresses that are not written to: a keyed digest, never the address. Whoever confirms a sign-up from one lifts it.
CREATE TABLE suppressions (
    address_digest TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('gone', 'soft')),
    at TIMESTAMP NOT NULL
);
