-- Where a grant's refresh tokens are exchanged: where its first one came from.
ALTER TABLE grants ADD COLUMN origin TEXT NOT NULL DEFAULT 'authorization';  -- authorization | login
UPDATE grants SET origin = 'login'
WHERE refresh = 1 AND id NOT IN (SELECT grant_id FROM authorization_codes);
