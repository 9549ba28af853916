-- Documents that documents/prepare has made ready for a signature: kept until documents/finish has put
-- it in, and then for as long as the answer may have to be given again.
CREATE TABLE preparations (
    id TEXT PRIMARY KEY,                -- random: what the client finishes it by
    client_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    form TEXT NOT NULL,                 -- pdf | xml
    level TEXT NOT NULL,                -- that is wanted: B-B, B-T, B-LT, B-LTA
    hash TEXT NOT NULL,                 -- what the signer approves: of the file's attributes
    scheme INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    salt_length INTEGER NOT NULL,
    size BIGINT NOT NULL,               -- of the document
    created_at BIGINT NOT NULL,
    keep_until BIGINT NOT NULL,
    answer TEXT NOT NULL                -- of documents/finish but for the document, as JSON; empty: it is open
);
CREATE INDEX preparations_client ON preparations (client_id);
CREATE INDEX preparations_end ON preparations (keep_until);
CREATE TABLE preparation_files (
    preparation_id TEXT PRIMARY KEY REFERENCES preparations(id),
    document TEXT NOT NULL,             -- PDF: with an empty signature; XML: without the signature's value; then as finished
    attributes TEXT NOT NULL,           -- of a PDF's CMS, or an XML's SignedInfo
    cut BIGINT NOT NULL,                -- XML: where the signature's value goes
    leaf TEXT NOT NULL                  -- the signer's certificate that the attributes name
);
