-- Ids and JSON documents are TEXT made by us; times are UTC; cells are H3 indexes (the top bit is never set).
CREATE TABLE units (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    parent_id TEXT REFERENCES units (id),
    country TEXT NOT NULL CHECK (country IN ('BE', 'FR')),
    contact TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    person_id TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    password_hash TEXT,
    totp_secret TEXT,
    totp_last_step BIGINT,
    activation_digest TEXT UNIQUE,
    activation_until TIMESTAMP,
    reader_public BYTEA,
    reader_wrapped BYTEA,
    failed_logins INTEGER NOT NULL DEFAULT 0,
    retry_login_at TIMESTAMP,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    digest TEXT NOT NULL UNIQUE,
    reader_wrapped BYTEA,
    factor_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    revoked_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE appeals (
    id TEXT PRIMARY KEY NOT NULL,
    unit_id TEXT NOT NULL REFERENCES units (id),
    kind TEXT NOT NULL,
    country TEXT NOT NULL CHECK (country IN ('BE', 'FR')),
    stage TEXT NOT NULL,
    version INTEGER NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    area TEXT,
    public_key BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    outcome TEXT,
    created_by TEXT NOT NULL REFERENCES users (id),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX appeals_by_unit ON appeals (unit_id, id);
CREATE INDEX appeals_by_stage ON appeals (stage);

CREATE TABLE appeal_authors (
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    person_id TEXT NOT NULL,
    PRIMARY KEY (appeal_id, person_id)
);

-- The appeal's private key, wrapped once for each reader ('usr_…') and once for the offline recovery key ('recovery').
CREATE TABLE appeal_keys (
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    reader TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (appeal_id, reader)
);

CREATE TABLE media (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    position INTEGER NOT NULL,
    document TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX media_by_appeal ON media (appeal_id, position);

CREATE TABLE lots (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    number INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (appeal_id, number)
);

CREATE TABLE authorisations (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    previous_id TEXT REFERENCES authorisations (id),
    entered_by TEXT NOT NULL,
    document TEXT NOT NULL,
    scope_area TEXT NOT NULL,
    valid_until TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX authorisations_by_appeal ON authorisations (appeal_id, id);

CREATE TABLE authorisation_verifications (
    authorisation_id TEXT PRIMARY KEY NOT NULL REFERENCES authorisations (id),
    by_person TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    called_back_on TEXT NOT NULL
);

CREATE TABLE authorisation_withdrawals (
    authorisation_id TEXT PRIMARY KEY NOT NULL REFERENCES authorisations (id),
    by_person TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    reason TEXT NOT NULL
);

CREATE TABLE plans (
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    digest TEXT NOT NULL,
    authorisation_id TEXT NOT NULL REFERENCES authorisations (id),
    document TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    submitted_at TIMESTAMP NOT NULL,
    PRIMARY KEY (appeal_id, digest)
);

CREATE TABLE validations (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    plan_digest TEXT NOT NULL,
    by_person TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('yes', 'no')),
    reasons TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX validations_by_appeal ON validations (appeal_id, id);

CREATE TABLE dispatches (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    authorisation_id TEXT NOT NULL REFERENCES authorisations (id),
    plan_digest TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX dispatches_by_appeal ON dispatches (appeal_id, id);

-- The finished plan: what a delivery shows, rendered once per channel and language.
CREATE TABLE contents (
    dispatch_id TEXT NOT NULL REFERENCES dispatches (id),
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    content TEXT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (dispatch_id, purpose, channel, language)
);

-- The outbox. One row per channel, language and, for mass mail, shard of cells.
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    dispatch_id TEXT NOT NULL REFERENCES dispatches (id),
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('appeal', 'correction', 'closure')),
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    audience TEXT NOT NULL,
    shard INTEGER NOT NULL,
    cells TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'leased', 'done', 'failed', 'effect_unknown', 'held', 'cancelled')),
    priority INTEGER NOT NULL,
    due_at TIMESTAMP NOT NULL,
    fence BIGINT NOT NULL DEFAULT 0,
    leased_until TIMESTAMP,
    attempts INTEGER NOT NULL DEFAULT 0,
    expected BIGINT NOT NULL,
    sent BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (dispatch_id, purpose, channel, language, audience, shard)
);
CREATE INDEX deliveries_due ON deliveries (state, priority, due_at);
CREATE INDEX deliveries_by_appeal ON deliveries (appeal_id, purpose, channel);

CREATE TABLE recipients (
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    subscriber_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed', 'unknown', 'skipped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TIMESTAMP NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_id, subscriber_id)
);

CREATE TABLE attempts (
    id TEXT PRIMARY KEY NOT NULL,
    delivery_id TEXT NOT NULL REFERENCES deliveries (id),
    fence BIGINT NOT NULL,
    at TIMESTAMP NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX attempts_by_delivery ON attempts (delivery_id, id);

-- What our own open channels show: the appeal page and the feed entry, per language.
CREATE TABLE publications (
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    channel TEXT NOT NULL CHECK (channel IN ('page', 'feed')),
    language TEXT NOT NULL,
    slug TEXT NOT NULL,
    dispatch_id TEXT NOT NULL REFERENCES dispatches (id),
    content TEXT NOT NULL,
    published_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP NOT NULL,
    withdrawn_at TIMESTAMP,
    PRIMARY KEY (appeal_id, channel, language)
);
CREATE INDEX publications_by_slug ON publications (slug, language, channel);
CREATE INDEX publications_by_time ON publications (channel, language, published_at);

CREATE TABLE takedowns (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    started_at TIMESTAMP,
    done_at TIMESTAMP,
    proof TEXT NOT NULL
);
CREATE INDEX takedowns_by_appeal ON takedowns (appeal_id, id);

CREATE TABLE subscribers (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL CHECK (language IN ('fr', 'nl', 'de')),
    cell BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active')),
    confirmation_digest TEXT UNIQUE,
    confirmation_until TIMESTAMP,
    source TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    confirmed_at TIMESTAMP
);
CREATE INDEX subscribers_by_cell ON subscribers (language, cell, id) WHERE state = 'active';

-- Single mails outside any dispatch (confirmations). A row lives only until its mail is accepted or refused for good.
CREATE TABLE letters (
    id TEXT PRIMARY KEY NOT NULL,
    recipient TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    plain TEXT NOT NULL,
    html TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX letters_due ON letters (due_at);

CREATE TABLE responses (
    id TEXT PRIMARY KEY NOT NULL,
    appeal_id TEXT NOT NULL REFERENCES appeals (id),
    unit_id TEXT NOT NULL REFERENCES units (id),
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    receipt_digest TEXT NOT NULL UNIQUE,
    form_digest TEXT NOT NULL UNIQUE,
    key_id TEXT NOT NULL,
    sealed_text BYTEA NOT NULL,
    sealed_sender BYTEA,
    thread_public BYTEA NOT NULL,
    thread_wrapped BYTEA NOT NULL,
    received_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX responses_by_appeal ON responses (appeal_id, id);

CREATE TABLE response_messages (
    id TEXT PRIMARY KEY NOT NULL,
    response_id TEXT NOT NULL REFERENCES responses (id),
    direction TEXT NOT NULL CHECK (direction IN ('from_sender', 'to_sender')),
    by_user TEXT,
    sealed_reader BYTEA NOT NULL,
    sealed_thread BYTEA NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX response_messages_by_response ON response_messages (response_id, id);

CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (actor, route, key)
);

CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE audit_entries (
    seq BIGINT PRIMARY KEY NOT NULL,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    on_behalf_of TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    object_version BIGINT NOT NULL,
    reason TEXT NOT NULL,
    payload_digest TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_by_object ON audit_entries (object, seq);
