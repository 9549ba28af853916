-- What issuers have signed, and what became of it; a row outlives the credential that it was for.
CREATE TABLE certificates (
    serial_number TEXT PRIMARY KEY,     -- hexadecimal
    issuer_id TEXT NOT NULL,            -- credentials.id
    credential_id TEXT NOT NULL,
    certificate TEXT NOT NULL,
    valid_to BIGINT NOT NULL,
    status TEXT NOT NULL,               -- good | revoked; on hold: revoked for reason 6
    reason BIGINT NOT NULL,             -- RFC 5280 §5.3.1; 0 while good
    changed_at BIGINT NOT NULL
);
CREATE INDEX certificates_credential ON certificates (credential_id);
CREATE INDEX certificates_status ON certificates (issuer_id, status);
INSERT INTO certificates (serial_number, issuer_id, credential_id, certificate, valid_to, status,
                          reason, changed_at)
    SELECT serial_number, issuer_id, id, certificate, valid_to,
           CASE status WHEN 'enabled' THEN 'good' ELSE 'revoked' END,
           CASE status WHEN 'enabled' THEN 0 WHEN 'disabled' THEN 6 ELSE 5 END,
           created_at
    FROM credentials
    WHERE certificate IS NOT NULL AND serial_number IS NOT NULL AND issuer_id IS NOT NULL;
-- The newest list of each issuer.
CREATE TABLE revocation_lists (
    issuer_id TEXT PRIMARY KEY,
    number BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    list TEXT NOT NULL
);
