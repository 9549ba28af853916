-- Documents as portals supplied them with their hashes, for the signer's phone to check and show; kept
-- no longer than the request is open.
CREATE TABLE enclosures (
    transaction_id TEXT NOT NULL REFERENCES transactions(id),
    position INTEGER NOT NULL,          -- of the hash in transactions.documents
    document TEXT NOT NULL,
    attributes TEXT NOT NULL,           -- CMS signed attributes that the hash is of (RFC 5652 §5.4)
    PRIMARY KEY (transaction_id, position)
);
