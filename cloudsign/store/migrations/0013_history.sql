-- What a person was asked before and what became of it, newest first.
CREATE INDEX transactions_history ON transactions (approver_id, created_at, id)
    WHERE unfinished = 0;
