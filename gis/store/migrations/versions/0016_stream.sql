-- The journal as a stream: whoever appends says so first, so that readers know how far it is whole.
--
-- A number of the journal is taken before its transaction commits, so a higher one may be seen before a lower one. Before its first
-- row a transaction therefore takes a shared lock named after the last number given: every number of its own is higher.
-- Readers ask for the last number, then for the locks held, then for the rows up to the lower of both: those are all that will
-- ever be there. Unlike a horizon of transaction numbers, this does not wait for long transactions that write elsewhere.

CREATE FUNCTION journal_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('wangge.announced', true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared(1785688690, (SELECT (last_value % 2147483648)::integer FROM journal_seq_seq));
        PERFORM set_config('wangge.announced', '1', true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER journal_announce BEFORE INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_announce();

-- The number up to which the journal is whole: rows up to it are committed, or will never be. Two statements, in this order:
-- a transaction that is not seen among the locks gives itself numbers above the last one.
CREATE FUNCTION journal_last() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT last_value FROM journal_seq_seq $$;
CREATE FUNCTION journal_whole_to(last bigint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT least(last, min(last - mod(last - objid::bigint + 2147483648, 2147483648)))
    FROM pg_locks
    WHERE locktype = 'advisory' AND classid = 1785688690 AND objsubid = 2
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
$$;
