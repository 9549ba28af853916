-- A credential has one certificate after another: of which profile they are, and what has happened to each.
ALTER TABLE credentials ADD COLUMN profile TEXT NOT NULL DEFAULT 'person';
                                        -- root | person | organisation | device | ocsp | tsa
UPDATE credentials
SET profile = CASE owner_kind WHEN 'issuer' THEN 'root' WHEN 'signer' THEN 'person' ELSE owner_kind END;
CREATE INDEX credentials_valid_to ON credentials (valid_to) WHERE valid_to IS NOT NULL;
CREATE TABLE certificate_events (
    serial_number TEXT NOT NULL,        -- certificates.serial_number
    number INTEGER NOT NULL,            -- 1, 2, …: in the order in which they happened to it
    kind TEXT NOT NULL,                 -- issued | renewed | suspended | resumed | revoked | reminded
    reason BIGINT NOT NULL,             -- of revoked: RFC 5280 §5.3.1; otherwise 0
    at BIGINT NOT NULL,
    PRIMARY KEY (serial_number, number)
);
-- Of what was issued before, as much as is known.
INSERT INTO certificate_events (serial_number, number, kind, reason, at)
    SELECT serial_number, 1, 'issued', 0,
           COALESCE((SELECT valid_from FROM credentials
                     WHERE credentials.id = certificates.credential_id), changed_at)
    FROM certificates;
INSERT INTO certificate_events (serial_number, number, kind, reason, at)
    SELECT serial_number, 2, CASE reason WHEN 6 THEN 'suspended' ELSE 'revoked' END,
           CASE reason WHEN 6 THEN 0 ELSE reason END, changed_at
    FROM certificates WHERE status = 'revoked';
