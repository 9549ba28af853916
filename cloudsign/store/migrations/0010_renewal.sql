-- Where a grant's refresh tokens are exchanged: where its first one came from.
ALTER TABLE grants ADD COLUMN origin TEXT NOT NULL DEFAULT 'authorization';  -- authorization | login | rssp
UPDATE grants SET origin = 'login'
WHERE refresh = 1 AND id NOT IN (SELECT grant_id FROM authorization_codes);
-- A person's sessions at a portal, which end together.
CREATE INDEX grants_login ON grants (client_id, signer_id) WHERE origin = 'login';
-- What somebody proves who they are with, counted: refresh tokens of an earlier one are none.
ALTER TABLE clients ADD COLUMN proof_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE application_logins ADD COLUMN proof_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE refresh_tokens ADD COLUMN proof_version BIGINT NOT NULL DEFAULT 0;
