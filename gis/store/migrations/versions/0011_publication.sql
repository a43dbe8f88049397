-- Publishing the whole city at once, and grids that come back to life.

-- A plan assigns 44,000 cells in one statement. Looked up row by row, and every row locked, its references took a second and a
-- half; looked up at the end of the statement they take some milliseconds.
ALTER TABLE cell_assignment
    DROP CONSTRAINT cell_assignment_plan_id_fkey,
    DROP CONSTRAINT cell_assignment_cell_id_fkey,
    DROP CONSTRAINT cell_assignment_grid_id_fkey;

CREATE FUNCTION cell_assignment_refers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT plan_id FROM came) c WHERE NOT EXISTS (SELECT FROM plan p WHERE p.id = c.plan_id))
        OR EXISTS (SELECT FROM (SELECT DISTINCT grid_id FROM came) c WHERE NOT EXISTS (SELECT FROM grid g WHERE g.id = c.grid_id))
        OR EXISTS (SELECT FROM came c LEFT JOIN cell x ON x.id = c.cell_id WHERE x.id IS NULL) THEN
        RAISE foreign_key_violation USING MESSAGE = 'cell_assignment names a plan, grid or cell that there is not';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER cell_assignment_refers_insert AFTER INSERT ON cell_assignment REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION cell_assignment_refers();
CREATE TRIGGER cell_assignment_refers_update AFTER UPDATE ON cell_assignment REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION cell_assignment_refers();

CREATE FUNCTION cell_assignment_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_TABLE_NAME = 'plan' AND EXISTS (SELECT FROM went JOIN cell_assignment a ON a.plan_id = went.id))
        OR (TG_TABLE_NAME = 'grid' AND EXISTS (SELECT FROM went JOIN cell_assignment a ON a.grid_id = went.id))
        OR (TG_TABLE_NAME = 'cell' AND EXISTS (SELECT FROM went JOIN cell_assignment a ON a.cell_id = went.id)) THEN
        RAISE foreign_key_violation USING MESSAGE = format('a %s that is gone still stands in cell_assignment', TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER plan_is_assigned AFTER DELETE ON plan REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION cell_assignment_holds();
CREATE TRIGGER grid_is_assigned AFTER DELETE ON grid REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION cell_assignment_holds();
CREATE TRIGGER cell_is_assigned AFTER DELETE ON cell REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION cell_assignment_holds();

-- Incidents per grid of a moment over the usual periods before it. A grid may end, and live again when an earlier plan is
-- published again: so what was reported counts for the heirs of the life that it was reported in, by the share of its ground
-- that each took over.
CREATE FUNCTION grid_activity_at(moment timestamptz)
RETURNS TABLE (grid_id bigint, days_30 integer, days_365 integer, open integer) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE life AS (
        SELECT v.grid_id, unnest(range_agg(v.valid)) AS span FROM grid_version v GROUP BY v.grid_id
    ), heir AS (
        SELECT life.grid_id, life.span, life.grid_id AS heir_id, CAST(1 AS float) AS share FROM life WHERE life.span @> moment
        UNION ALL
        -- From each plan back to the one before: an earlier life ended where the plan of the lineage began.
        SELECT ended.grid_id, ended.span, heir.heir_id, heir.share * l.area_fraction
        FROM heir JOIN lineage l ON l.to_grid_id = heir.grid_id
        JOIN plan p ON p.id = l.plan_id AND heir.span @> lower(p.valid) AND lower(p.valid) <= moment
        JOIN life ended ON ended.grid_id = l.from_grid_id AND upper(ended.span) = lower(p.valid)
    ), counted AS (
        SELECT life.grid_id, life.span,
               count(*) FILTER (WHERE i.reported_at > moment - interval '30 days') AS days_30,
               count(*) AS days_365,
               count(*) FILTER (WHERE (i.closed_at IS NULL OR i.closed_at > moment) AND i.state <> 'rejected') AS open
        FROM incident i JOIN life ON life.grid_id = i.grid_id AND life.span @> i.reported_at
        WHERE i.reported_at > moment - interval '365 days' AND i.reported_at <= moment
        GROUP BY life.grid_id, life.span
    )
    SELECT heir.heir_id, CAST(round(sum(share * counted.days_30)) AS integer),
           CAST(round(sum(share * counted.days_365)) AS integer), CAST(round(sum(share * counted.open)) AS integer)
    FROM heir JOIN counted ON counted.grid_id = heir.grid_id AND counted.span = heir.span
    GROUP BY heir.heir_id
$$;

DROP MATERIALIZED VIEW grid_activity;
CREATE MATERIALIZED VIEW grid_activity AS
    SELECT grid_id, days_30, days_365, open, now() AS as_of FROM grid_activity_at(now());

CREATE UNIQUE INDEX grid_activity_grid_id_idx ON grid_activity (grid_id);
