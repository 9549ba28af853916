-- Certificates of keys that are kept elsewhere: who may ask the built-in CA for them by CMP (RFC 4210), and what
-- they have asked.
ALTER TABLE credentials ADD COLUMN public_key TEXT;  -- SubjectPublicKeyInfo (DER), of owner_kind outside
CREATE TABLE cmp_accounts (
    name TEXT PRIMARY KEY,
    profile TEXT NOT NULL,              -- of the certificates it may ask for: person | organisation | device
    secret TEXT NOT NULL,               -- of the password-based MAC (RFC 4210 section 5.1.3.1)
    status TEXT NOT NULL,               -- active | disabled
    created_at BIGINT NOT NULL
);
CREATE TABLE cmp_requests (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES cmp_accounts(name),
    transaction_id TEXT NOT NULL,       -- that the client has chosen (RFC 4210 section 5.1.1), hexadecimal
    message TEXT NOT NULL,              -- the PKIMessage that began it, DER
    credential_id TEXT NOT NULL REFERENCES credentials(id),
    office_id TEXT NOT NULL,            -- transactions.id by which officers are asked; empty: not yet
    state TEXT NOT NULL,                -- waiting | issued | confirmed | refused
    detail TEXT NOT NULL,               -- of refused: why
    created_at BIGINT NOT NULL,
    UNIQUE (account, transaction_id)
);
CREATE INDEX credentials_public_key ON credentials (public_key) WHERE public_key IS NOT NULL;
CREATE INDEX cmp_requests_credential ON cmp_requests (credential_id);
CREATE INDEX cmp_requests_waiting ON cmp_requests (account, created_at) WHERE state = 'waiting';
