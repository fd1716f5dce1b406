-- Sign-ups that nobody confirmed are looked for every other second: not among ten million subscribers.
CREATE INDEX subscribers_unconfirmed ON subscribers (confirmation_until) WHERE confirmation_until IS NOT NULL;
