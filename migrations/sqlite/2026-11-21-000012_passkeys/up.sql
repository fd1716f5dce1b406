-- Passkeys (WebAuthn). What is kept is public: the authenticator has the other half.
CREATE TABLE passkeys (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    credential_id TEXT UNIQUE NOT NULL,
    credential TEXT NOT NULL,
    counter BIGINT NOT NULL,
    refused_at TIMESTAMP,
    used_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- A challenge that waits for its answer, wherever that arrives: bound to the account, and to the session it was asked in.
CREATE TABLE passkey_ceremonies (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    session_id TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('registration', 'authentication')),
    state TEXT NOT NULL,
    ends_at TIMESTAMP NOT NULL
);
CREATE INDEX passkey_ceremonies_by_user ON passkey_ceremonies (user_id);
