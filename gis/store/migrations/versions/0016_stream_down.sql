-- Back to a journal that readers follow by transaction number.

DROP TRIGGER journal_announce ON journal;
DROP FUNCTION journal_announce, journal_last, journal_whole_to(bigint);
