-- The journal as a stream: whoever appends says so first, so that readers know how far it is whole.
--
-- A number of the journal is taken before its transaction commits, so a higher one may be seen before a lower one. Before its first
-- row a transaction therefore takes a shared lock named after the last number given: every number of its own is higher.
-- Readers ask for the last number, then for the locks held, then for the rows up to the lower of both: those are all that will
-- ever be there. Unlike a horizon of transaction numbers, this does not wait for long transactions that write elsewhere.

-- The last number given. A sequence that was never used says 1 although its first number is still to come.
CREATE FUNCTION journal_last() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM journal_seq_seq
$$;

-- What is set within a savepoint goes back with it, and so does the lock: the next row announces anew.
CREATE FUNCTION journal_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('wangge.announced', true), '') = '' THEN
        PERFORM pg_advisory_xact_lock_shared(1785688690, (journal_last() % 2147483648)::integer);
        PERFORM set_config('wangge.announced', '1', true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER journal_announce BEFORE INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_announce();

-- The number up to which the journal is whole: rows up to it are committed, or will never be. Three statements in this order, each
-- with a snapshot of its own: journal_last(), this, the rows. A transaction that is not among the locks gives itself numbers above
-- the last one, or has ended, and locks end after the commit is seen. The names of locks are numbers modulo 2^31: one that seems
-- half a circle behind or more was given after the last number was asked for.
CREATE FUNCTION journal_whole_to(last bigint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT last - coalesce(max(behind), 0)
    FROM (
        SELECT mod(last - objid::bigint + 2147483648, 2147483648) AS behind
        FROM pg_locks
        WHERE locktype = 'advisory' AND classid = 1785688690 AND objsubid = 2
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS announced
    WHERE behind < 1073741824
$$;

-- One ring for a transaction, however many rows it appends, and none while a reader is awake: transactions that notify commit one
-- after another, flush and all (measured: eight writers, 567 commits a second with a ring and 1,325 without). A reader that is awake
-- holds this lock together with the others and looks for itself; so does, for a moment, whoever is about to ring already.
DROP TRIGGER journal_ring ON journal;
CREATE OR REPLACE FUNCTION journal_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_try_advisory_xact_lock(1785688691, 0) THEN
        PERFORM pg_notify('journal', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER journal_ring AFTER INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_ring();
