-- Back to a journal that readers follow by transaction number, with a ring for each row.

DROP TRIGGER journal_ring ON journal;
CREATE OR REPLACE FUNCTION journal_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('journal', NEW.seq::text);
    RETURN NULL;
END $$;
CREATE TRIGGER journal_ring AFTER INSERT ON journal FOR EACH ROW EXECUTE FUNCTION journal_ring();
DROP TRIGGER journal_announce ON journal;
DROP FUNCTION journal_announce, journal_whole_to(bigint), journal_last;
