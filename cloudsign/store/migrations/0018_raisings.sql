-- Signed documents that missed the level that was asked for since an authority failed: they are
-- raised again until they have it, and kept until their client has fetched them.
CREATE TABLE raisings (
    id TEXT PRIMARY KEY,                -- random: what the client fetches it by
    client_id TEXT NOT NULL,
    signer_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    position INTEGER NOT NULL,          -- of the hash in transactions.documents
    form TEXT NOT NULL,                 -- pdf | attached | detached (CMS with its document, or beside it)
    target TEXT NOT NULL,               -- the level that was asked for: B-T, B-LT, B-LTA
    reached TEXT NOT NULL,
    state TEXT NOT NULL,                -- raising | done | given_up
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    fault TEXT NOT NULL,                -- of the last attempt
    size BIGINT NOT NULL,               -- of the document
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    keep_until BIGINT                   -- once it is done or given up
);
CREATE INDEX raisings_due ON raisings (next_at) WHERE state = 'raising';
CREATE INDEX raisings_transaction ON raisings (transaction_id, position);
CREATE TABLE raising_files (
    raising_id TEXT PRIMARY KEY REFERENCES raisings(id),
    document TEXT NOT NULL,
    anchor TEXT NOT NULL                -- the certificate that the signer's chain ends in
);
