-- What differs from the defaults for this client: JSON {"NAME":"VALUE"}, names as in `kyso client set`.
ALTER TABLE clients ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
