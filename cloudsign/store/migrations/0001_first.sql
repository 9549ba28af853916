-- Bytes are base64url text without padding, times are milliseconds UTC.
CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,                 -- shown to the signer
    secret_hash TEXT NOT NULL,          -- scrypt: "scrypt$N$r$p$salt$hash"
    all_signers INTEGER NOT NULL,       -- 1: may ask any signer; 0: those in client_signers
    status TEXT NOT NULL,               -- active | disabled
    created_at BIGINT NOT NULL
);
CREATE TABLE signers (
    id TEXT PRIMARY KEY,                -- what portals call userID
    name TEXT NOT NULL,
    subject TEXT NOT NULL,              -- RFC 4514, of the certificate
    language TEXT NOT NULL,
    status TEXT NOT NULL,               -- active | frozen
    created_at BIGINT NOT NULL
);
CREATE TABLE client_signers (
    client_id TEXT NOT NULL REFERENCES clients(id),
    signer_id TEXT NOT NULL REFERENCES signers(id),
    PRIMARY KEY (client_id, signer_id)
);
CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    owner_kind TEXT NOT NULL,           -- signer | officer
    owner_id TEXT NOT NULL,             -- signers.id, or the officer's name
    name TEXT NOT NULL,
    session_hash TEXT NOT NULL UNIQUE,  -- SHA-256 of the bearer session
    point TEXT NOT NULL,                -- SEC 1, of the approval passkey
    thumbprint TEXT NOT NULL,
    backup_eligible INTEGER NOT NULL,
    status TEXT NOT NULL,               -- active | removed
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
CREATE INDEX devices_owner ON devices (owner_kind, owner_id);
CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    owner_kind TEXT NOT NULL,           -- signer | issuer
    signer_id TEXT,                     -- NULL for an issuer
    key_type INTEGER NOT NULL,          -- hsm::protocol::KeyType
    status TEXT NOT NULL,               -- invited | binding | bound | enabled | disabled
    description TEXT NOT NULL,
    key_id TEXT,
    version INTEGER NOT NULL,
    blob TEXT,                          -- the newest sealed key blob
    certificate TEXT,                   -- DER
    issuer_id TEXT,                     -- credentials.id of the issuer; its own id for a root
    serial_number TEXT,                 -- hexadecimal
    valid_from BIGINT,
    valid_to BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX credentials_signer ON credentials (signer_id);
CREATE INDEX credentials_status ON credentials (status) WHERE status <> 'enabled';
CREATE TABLE invitations (
    token_hash TEXT PRIMARY KEY,        -- SHA-256 of the token in the link
    credential_id TEXT NOT NULL REFERENCES credentials(id),
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE TABLE transactions (
    id TEXT PRIMARY KEY,
    purpose INTEGER NOT NULL,           -- hsm::protocol::Purpose
    state TEXT NOT NULL,                -- ARCHITECTURE: created … signed, rejected, …
    reason TEXT NOT NULL,               -- e.g. "asked again"; empty
    approver_kind TEXT NOT NULL,        -- signer | officer | both (bind)
    approver_id TEXT NOT NULL,          -- signers.id; empty for officers
    credential_id TEXT NOT NULL,
    client_id TEXT,                     -- NULL when the office itself asks
    request_hash TEXT NOT NULL,         -- SHA-256 over what was asked: a repeated request joins
    documents TEXT NOT NULL,            -- JSON [{"hash":…,"label":…}], in order
    scheme INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    salt_length INTEGER NOT NULL,
    portal TEXT NOT NULL,               -- the four parts of the context
    purpose_text TEXT NOT NULL,
    code TEXT NOT NULL,
    language TEXT NOT NULL,
    payload TEXT NOT NULL,              -- JSON of the purpose: statement, TBS certificates, …
    module_id TEXT NOT NULL,
    preimage TEXT NOT NULL,             -- of the newest activation
    mac TEXT NOT NULL,
    challenge TEXT NOT NULL,
    handle_hash TEXT,                   -- CSC v2 handle
    sad_hash TEXT,
    created_at BIGINT NOT NULL,
    answer_by BIGINT NOT NULL,          -- unanswered then: expired
    sign_by BIGINT NOT NULL,            -- unsigned then: the SAD is dead
    approved_at BIGINT,
    -- 1 until the state is final. The indexes below name this column instead of the state, so that
    -- they stay untouched while a transaction moves from waiting to signed.
    unfinished INTEGER NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX transactions_handle ON transactions (handle_hash) WHERE handle_hash IS NOT NULL;
CREATE UNIQUE INDEX transactions_sad ON transactions (sad_hash) WHERE sad_hash IS NOT NULL;
CREATE INDEX transactions_waiting ON transactions (approver_kind, approver_id, created_at)
    WHERE unfinished = 1;
CREATE INDEX transactions_open ON transactions (credential_id, request_hash) WHERE unfinished = 1;
CREATE INDEX transactions_due ON transactions (answer_by) WHERE unfinished = 1;
CREATE INDEX transactions_unfinished ON transactions (id) WHERE unfinished = 1;
CREATE TABLE assertions (
    transaction_id TEXT NOT NULL REFERENCES transactions(id),
    thumbprint TEXT NOT NULL,
    assertion TEXT NOT NULL,            -- hsm::protocol::Assertion, encoded
    device_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (transaction_id, thumbprint)
);
-- One row for each authorised hash, written in the approval's own commit: it is signed at most once.
CREATE TABLE occurrences (
    transaction_id TEXT NOT NULL REFERENCES transactions(id),
    position INTEGER NOT NULL,
    hash TEXT NOT NULL,
    state TEXT NOT NULL,                -- authorised | signed | spent
    signature TEXT,
    receipt TEXT,
    signed_at BIGINT,
    PRIMARY KEY (transaction_id, position)
);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
