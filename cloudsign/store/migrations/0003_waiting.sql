-- A signer's list is one range of an index in the list's own order; the office's has an index of its
-- own, which the requests of portals do not touch.
DROP INDEX transactions_waiting;
CREATE INDEX transactions_waiting ON transactions (approver_id, created_at, id)
    WHERE unfinished = 1;
CREATE INDEX transactions_office ON transactions (created_at, id)
    WHERE unfinished = 1 AND approver_kind IN ('officer', 'both');
