-- SHA-256 of the client's secret, the key of its account tokens (CSC v1 section 8.4.1); NULL until the
-- secret is renewed for clients that are older.
ALTER TABLE clients ADD COLUMN account_token_key TEXT;
-- What was granted by a sign-in or a signer's consent; codes and tokens name it, and end with it.
CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    signer_id TEXT,                     -- NULL: the client itself
    scope TEXT NOT NULL,                -- service | credential
    transaction_id TEXT,                -- scope credential: what the access token is the SAD of
    token_type TEXT NOT NULL,           -- Bearer | SAD
    authorization_details TEXT NOT NULL,  -- JSON, repeated by token responses; empty
    refresh INTEGER NOT NULL,           -- 1: yields refresh tokens
    access_until BIGINT NOT NULL,       -- no access token beyond; 0: no such bound
    expires_at BIGINT NOT NULL,         -- nothing of it lives longer
    revoked INTEGER NOT NULL
);
CREATE INDEX grants_expiry ON grants (expires_at);
CREATE TABLE authorization_codes (
    code_hash TEXT PRIMARY KEY,         -- SHA-256
    grant_id TEXT NOT NULL REFERENCES grants(id) ON DELETE CASCADE,
    redirect_uri TEXT,                  -- as the authorization request said it
    code_challenge TEXT,                -- RFC 7636, S256
    key_thumbprint TEXT,                -- RFC 9449 section 10
    expires_at BIGINT NOT NULL,
    used INTEGER NOT NULL
);
CREATE INDEX authorization_codes_grant ON authorization_codes (grant_id);
CREATE TABLE refresh_tokens (
    token_hash TEXT PRIMARY KEY,        -- SHA-256
    grant_id TEXT NOT NULL REFERENCES grants(id) ON DELETE CASCADE,
    used INTEGER NOT NULL
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);
-- Access tokens that are refused before they expire, by their jti or their grant.
CREATE TABLE revocations (
    id TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL          -- by then every token that it stops has expired
);
CREATE INDEX revocations_expiry ON revocations (expires_at);
-- RFC 7523 section 3: a client assertion is taken once.
CREATE TABLE client_assertions (
    assertion_hash TEXT PRIMARY KEY,    -- SHA-256 of client and jti
    expires_at BIGINT NOT NULL
);
CREATE INDEX client_assertions_expiry ON client_assertions (expires_at);
