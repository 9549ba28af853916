-- A person's new phone that waits to take the place of the old one, and what became of it. The
-- phone is told by its own session alone; whose it is is not known before the old phone says so.
CREATE TABLE phone_moves (
    id TEXT PRIMARY KEY,
    session_hash TEXT NOT NULL UNIQUE,  -- SHA-256 of the new phone's bearer; later its device's
    point TEXT NOT NULL,                -- SEC 1, of the new approval passkey
    thumbprint TEXT NOT NULL,
    short_code TEXT NOT NULL,           -- its first 60 bits, as people read and type them
    backup_eligible INTEGER NOT NULL,
    name TEXT NOT NULL,                 -- of the new phone, in its own words
    peer TEXT NOT NULL,                 -- address that announced it
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    signer_id TEXT,                     -- the rest: NULL until an old phone has taken it up
    old_device_id TEXT REFERENCES devices(id),
    device_id TEXT REFERENCES devices(id)  -- of the new phone
);
CREATE INDEX phone_moves_thumbprint ON phone_moves (thumbprint);
CREATE INDEX phone_moves_short_code ON phone_moves (short_code);
CREATE INDEX phone_moves_signer ON phone_moves (signer_id, created_at);
CREATE INDEX phone_moves_open ON phone_moves (expires_at) WHERE signer_id IS NULL;
-- One for each key that is to change hands.
CREATE TABLE phone_move_transactions (
    transaction_id TEXT PRIMARY KEY REFERENCES transactions(id),
    move_id TEXT NOT NULL REFERENCES phone_moves(id)
);
CREATE INDEX phone_move_transactions_move ON phone_move_transactions (move_id);
