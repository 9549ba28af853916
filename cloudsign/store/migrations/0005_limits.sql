-- A signer who rejected a client's request is left in peace by it until then.
CREATE TABLE cool_downs (
    client_id TEXT NOT NULL,
    signer_id TEXT NOT NULL,
    until BIGINT NOT NULL,
    strikes INTEGER NOT NULL,           -- rejections in a row
    PRIMARY KEY (client_id, signer_id)
);
