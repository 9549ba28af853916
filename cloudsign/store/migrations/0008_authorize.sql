-- Signing in at the login host: passkeys of its own, which can approve nothing.
CREATE TABLE login_passkeys (
    credential_hash TEXT PRIMARY KEY,   -- SHA-256 of the WebAuthn credential id
    credential_id TEXT NOT NULL,
    signer_id TEXT NOT NULL REFERENCES signers(id),
    name TEXT NOT NULL,
    point TEXT NOT NULL,                -- SEC 1
    backup_eligible INTEGER NOT NULL,
    sign_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
CREATE INDEX login_passkeys_signer ON login_passkeys (signer_id);
CREATE TABLE login_invitations (
    token_hash TEXT PRIMARY KEY,        -- SHA-256 of the token in the link
    signer_id TEXT NOT NULL REFERENCES signers(id),
    challenge TEXT,                     -- of the registration that has begun
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE TABLE login_sessions (
    session_hash TEXT PRIMARY KEY,      -- SHA-256 of the cookie
    signer_id TEXT NOT NULL REFERENCES signers(id),
    signed_in_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX login_sessions_expiry ON login_sessions (expires_at);
-- RFC 9126: taken once.
CREATE TABLE pushed_requests (
    uri_hash TEXT PRIMARY KEY,          -- SHA-256 of the request_uri
    client_id TEXT NOT NULL,
    parameters TEXT NOT NULL,           -- JSON {"NAME":"VALUE"}
    expires_at BIGINT NOT NULL
);
CREATE INDEX pushed_requests_expiry ON pushed_requests (expires_at);
-- What a browser is being led through: sign-in, consent, the phone.
CREATE TABLE authorizations (
    id_hash TEXT PRIMARY KEY,           -- SHA-256 of the id in the page's address
    client_id TEXT NOT NULL,
    parameters TEXT NOT NULL,           -- as in pushed_requests
    challenge TEXT,                     -- of the sign-in that it waits for
    signer_id TEXT,                     -- who has let the signing begin
    transaction_id TEXT,                -- scope credential, once it has begun
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    finished INTEGER NOT NULL           -- 1: the browser has been sent back
);
CREATE INDEX authorizations_expiry ON authorizations (expires_at);
