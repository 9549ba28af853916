-- How often the SAD was renewed (CSC extendTransaction): only the newest is one.
ALTER TABLE transactions ADD COLUMN sad_version INTEGER NOT NULL DEFAULT 0;
-- What the server signs by itself once the signer has approved (CSC v2 operationMode A). What came
-- of it stands in the transaction and its occurrences.
CREATE TABLE async_requests (
    id TEXT PRIMARY KEY,                -- what CSC calls responseID
    transaction_id TEXT NOT NULL REFERENCES transactions(id),
    client_id TEXT NOT NULL,
    form TEXT NOT NULL,                 -- hash | document: signHash or signDoc asked
    parts TEXT NOT NULL,                -- as the dialect wrote it
    positions TEXT NOT NULL,            -- occurrences in the order of the answer: "0,2,1"
    response_uri TEXT,
    state TEXT NOT NULL,                -- pending | finished
    created_at BIGINT NOT NULL,
    keep_until BIGINT NOT NULL          -- unanswered and unknown from then on
);
CREATE INDEX async_requests_pending ON async_requests (transaction_id) WHERE state = 'pending';
CREATE INDEX async_requests_kept ON async_requests (keep_until);
-- With which a portal logs in for one person (CSC v1 auth/login).
CREATE TABLE application_logins (
    id TEXT PRIMARY KEY,                -- the user name
    client_id TEXT NOT NULL REFERENCES clients(id),
    signer_id TEXT NOT NULL REFERENCES signers(id),
    password_hash TEXT NOT NULL,        -- as clients.secret_hash
    created_at BIGINT NOT NULL,
    UNIQUE (client_id, signer_id)
);
