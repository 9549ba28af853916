-- People of the office, and their sign-in: the same passkeys, invitations and sessions as those of
-- the login host, each row with the site that it is good at. Neither site knows the other's.
CREATE TABLE office_users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,                 -- registrar | auditor | administrator
    status TEXT NOT NULL,               -- active | disabled
    created_at BIGINT NOT NULL
);
CREATE TABLE site_passkeys (
    credential_hash TEXT PRIMARY KEY,   -- SHA-256 of the WebAuthn credential id
    credential_id TEXT NOT NULL,
    site TEXT NOT NULL,                 -- login | office
    owner_id TEXT NOT NULL,             -- a signer or a user of the office
    name TEXT NOT NULL,
    point TEXT NOT NULL,                -- SEC 1
    backup_eligible INTEGER NOT NULL,
    sign_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
INSERT INTO site_passkeys SELECT credential_hash, credential_id, 'login', signer_id, name, point,
    backup_eligible, sign_count, created_at, last_used_at FROM login_passkeys;
DROP TABLE login_passkeys;
ALTER TABLE site_passkeys RENAME TO login_passkeys;
CREATE INDEX login_passkeys_owner ON login_passkeys (site, owner_id);
CREATE TABLE site_invitations (
    token_hash TEXT PRIMARY KEY,        -- SHA-256 of the token in the link
    site TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    challenge TEXT,                     -- of the registration that has begun
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
INSERT INTO site_invitations SELECT token_hash, 'login', signer_id, challenge, expires_at, used_at
    FROM login_invitations;
DROP TABLE login_invitations;
ALTER TABLE site_invitations RENAME TO login_invitations;
CREATE TABLE site_sessions (
    session_hash TEXT PRIMARY KEY,      -- SHA-256 of the cookie
    site TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    signed_in_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,            -- to a minute
    expires_at BIGINT NOT NULL
);
INSERT INTO site_sessions SELECT session_hash, 'login', signer_id, signed_in_at, signed_in_at,
    expires_at FROM login_sessions;
DROP TABLE login_sessions;
ALTER TABLE site_sessions RENAME TO login_sessions;
CREATE INDEX login_sessions_expiry ON login_sessions (expires_at);
