-- Certificates of another authority than the built-in CA: what people's keys have asked it for, and
-- the chains that its certificates came with.
CREATE TABLE certification_requests (
    transaction_id TEXT PRIMARY KEY REFERENCES transactions(id),  -- in which the person approves it
    credential_id TEXT NOT NULL REFERENCES credentials(id),
    request_info TEXT NOT NULL,         -- CertificationRequestInfo (RFC 2986 §4.1), DER
    state TEXT NOT NULL,                -- open | issued | refused | replaced
    detail TEXT NOT NULL,               -- of open and refused: what the authority said last, or why it was not reached
    attempts BIGINT NOT NULL,           -- how often it was asked
    next_at BIGINT NOT NULL,            -- of open: when it is asked, at the earliest
    authority_transaction TEXT NOT NULL,  -- what the next question goes on with; empty: nothing
    created_at BIGINT NOT NULL
);
CREATE INDEX certification_requests_credential ON certification_requests (credential_id, created_at);
CREATE INDEX certification_requests_open ON certification_requests (next_at) WHERE state = 'open';
CREATE TABLE certificate_chains (
    serial_number TEXT NOT NULL,        -- certificates.serial_number, of one that has no issuer_id
    position INTEGER NOT NULL,          -- 1: its issuer's, 2: that one's, …; the last one is the anchor
    certificate TEXT NOT NULL,          -- DER
    PRIMARY KEY (serial_number, position)
);
-- What the authority was told of its certificates that are revoked here; one without a row it was not told.
CREATE TABLE external_revocations (
    serial_number TEXT PRIMARY KEY,     -- certificates.serial_number
    state TEXT NOT NULL,                -- open | told | refused
    detail TEXT NOT NULL,               -- of open and refused: what the authority said last, or why it was not reached
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL             -- of open: when it is told, at the earliest
);
CREATE INDEX credentials_key_id ON credentials (key_id) WHERE key_id IS NOT NULL;
