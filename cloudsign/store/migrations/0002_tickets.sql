-- Handles and SADs name their transaction themselves, and what is unfinished is listed by
-- transactions_due: three indexes less to keep in every transaction.
DROP INDEX transactions_handle;
DROP INDEX transactions_sad;
DROP INDEX transactions_unfinished;
ALTER TABLE transactions DROP COLUMN handle_hash;
ALTER TABLE transactions DROP COLUMN sad_hash;
