-- Where a phone's browser is told that something waits for it (Web Push): one for each device.
CREATE TABLE push_subscriptions (
    device_id TEXT PRIMARY KEY REFERENCES devices(id),
    endpoint TEXT NOT NULL,             -- at the browser's push service
    host TEXT NOT NULL,                 -- of the endpoint
    p256dh TEXT NOT NULL,               -- SEC 1, of the browser's key for this subscription
    auth TEXT NOT NULL,                 -- and the secret that goes with it (RFC 8291)
    vapid_key TEXT NOT NULL,            -- our public key that it is bound to
    created_at BIGINT NOT NULL
);
-- What phones were told, and what came of it. Not an outbox: the transaction is what waits, and a
-- row that is missing is made from it.
CREATE TABLE push_hints (
    transaction_id TEXT NOT NULL REFERENCES transactions(id),
    device_id TEXT NOT NULL REFERENCES devices(id),
    host TEXT NOT NULL,
    state TEXT NOT NULL,                -- due | delivered (to the push service) | undeliverable |
                                        -- needless (the phone was faster, or the request is over)
    attempts INTEGER NOT NULL,
    next_at BIGINT NOT NULL,
    status INTEGER NOT NULL,            -- HTTP of the last attempt; 0: no answer
    fault TEXT NOT NULL,                -- of the last attempt
    done_at BIGINT,
    PRIMARY KEY (transaction_id, device_id)
);
CREATE INDEX push_hints_due ON push_hints (host, next_at) WHERE state = 'due';
