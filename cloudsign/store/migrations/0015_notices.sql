-- What people are told by mail about their keys, phones and sign-ins: written in the commit of what
-- it tells of, sent afterwards.
ALTER TABLE signers ADD COLUMN email TEXT;
CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    signer_id TEXT NOT NULL,            -- empty: an operator's trial
    kind TEXT NOT NULL,
    about TEXT NOT NULL,                -- whose: a phone's name, a credential's subject
    address TEXT NOT NULL,              -- as it was then
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,                -- due | delivered (to the mail server) | failed
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    status INTEGER NOT NULL,            -- of the last attempt, RFC 5321 §4.2; 0: no answer
    fault TEXT NOT NULL,                -- of the last attempt
    created_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX notices_due ON notices (next_at) WHERE state = 'due';
