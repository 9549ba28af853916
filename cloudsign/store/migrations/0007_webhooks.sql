-- What portals are to be told: written in the commit of the change that it tells of, sent afterwards.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,                -- the same at every attempt: receivers drop repetitions by it
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- which body: qd769.sign, csc.signHash, …
    subject TEXT NOT NULL,              -- what it is about: a transaction or a responseID
    url TEXT NOT NULL,
    body TEXT NOT NULL,                 -- JSON; empty: written from the transaction when it is sent
    state TEXT NOT NULL,                -- armed (until the transaction ends) | due | delivered | failed
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    give_up_at BIGINT,                  -- set by the first attempt that fails
    created_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX webhooks_due ON webhooks (client_id, next_at) WHERE state = 'due';
CREATE INDEX webhooks_armed ON webhooks (subject) WHERE state = 'armed';
CREATE TABLE webhook_attempts (
    webhook_id TEXT NOT NULL REFERENCES webhooks(id),
    number INTEGER NOT NULL,
    at BIGINT NOT NULL,
    status INTEGER NOT NULL,            -- HTTP; 0: no answer
    fault TEXT NOT NULL,
    PRIMARY KEY (webhook_id, number)
);
-- Transactions that the server signs by itself once they are approved; a row ends with its
-- transaction.
CREATE TABLE signing_jobs (
    transaction_id TEXT PRIMARY KEY
);
-- QD 769 names a transaction as the portal does: unique for each client.
CREATE TABLE qd769_requests (
    client_id TEXT NOT NULL,
    portal_id TEXT NOT NULL,            -- the portal's transaction_id
    fingerprint TEXT NOT NULL,          -- SHA-256 of what was asked: the same id asks the same
    transaction_id TEXT NOT NULL,       -- ours; empty when a provider of the hub has it
    provider TEXT NOT NULL,             -- hub: its name in kyso.toml; else empty
    detail TEXT NOT NULL,               -- JSON: what its dialect must remember of it
    created_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, portal_id)
);
CREATE INDEX qd769_requests_transaction ON qd769_requests (transaction_id)
    WHERE transaction_id <> '';
CREATE INDEX qd769_requests_portal ON qd769_requests (portal_id);
-- By which the hub and QD 769 know a person: citizen's identity card, passport or tax number.
ALTER TABLE signers ADD COLUMN account TEXT;
CREATE UNIQUE INDEX signers_account ON signers (account) WHERE account IS NOT NULL;
