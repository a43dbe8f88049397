-- Tiles that stay fast: incidents counted by tile, changes of the drawn layers marked, cells in web mercator.

-- Column and row of a point (web mercator) among the 2^zoom squares of a zoom, counted from the north-west corner. Half-open:
-- a point on the side between two squares lies in the eastern or southern one, at every zoom alike, for doubling is exact.
CREATE FUNCTION tile_column(place geometry, zoom integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT floor((ST_X(place) / 40075016.685578488 + 0.5) * (1 << zoom))::integer $$;

CREATE FUNCTION tile_row(place geometry, zoom integer) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT floor((0.5 - ST_Y(place) / 40075016.685578488) * (1 << zoom))::integer $$;

-- The moment that the periods of 7, 30 and 365 days end at: tiles count what was reported later than as_of less the period.
CREATE TABLE incident_counted (
    singleton BOOLEAN DEFAULT true NOT NULL,
    as_of TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT incident_counted_pkey PRIMARY KEY (singleton),
    CONSTRAINT incident_counted_one_row_check CHECK (singleton)
);
INSERT INTO incident_counted (as_of) VALUES (now());

-- Incidents of a tile (z 8 to 14) by counting square (16 x 16, row by row from the north-west), community (0: outside every
-- grid) and department: what a reach can tell apart.
CREATE TABLE incident_count (
    z SMALLINT NOT NULL,
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    community_id BIGINT NOT NULL,
    department TEXT NOT NULL,
    square SMALLINT NOT NULL,
    n_7 INTEGER NOT NULL,
    open_7 INTEGER NOT NULL,
    n_30 INTEGER NOT NULL,
    open_30 INTEGER NOT NULL,
    n_365 INTEGER NOT NULL,
    open_365 INTEGER NOT NULL,
    CONSTRAINT incident_count_pkey PRIMARY KEY (z, x, y, community_id, department, square)
);

-- What changed since the counts were folded: only ever appended to, so that no writer waits for another. x and y are squares
-- of zoom 18; n and open are 1, -1 or 0.
CREATE TABLE incident_delta (
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    community_id BIGINT NOT NULL,
    department TEXT NOT NULL,
    reported_at TIMESTAMP WITH TIME ZONE NOT NULL,
    n INTEGER NOT NULL,
    open INTEGER NOT NULL
);

-- Writers who load half a year at once leave as many deltas: they are folded more often than the table's size would have it.
ALTER TABLE incident_delta SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE FUNCTION incident_count_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incident_delta
    SELECT tile_column(i.geom_3857, 18), tile_row(i.geom_3857, 18), coalesce(i.community_id, 0), m.department, i.reported_at,
           1, (i.closed_at IS NULL)::integer
    FROM came i JOIN matter m ON m.id = i.matter_id;
    RETURN NULL;
END $$;

CREATE FUNCTION incident_count_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incident_delta
    SELECT tile_column(i.geom_3857, 18), tile_row(i.geom_3857, 18), coalesce(i.community_id, 0), m.department, i.reported_at,
           -1, -(i.closed_at IS NULL)::integer
    FROM went i JOIN matter m ON m.id = i.matter_id;
    RETURN NULL;
END $$;

CREATE FUNCTION incident_count_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO incident_delta
    SELECT tile_column(i.geom_3857, 18), tile_row(i.geom_3857, 18), coalesce(i.community_id, 0), m.department, i.reported_at,
           sum(i.sign), sum(i.sign * (i.closed_at IS NULL)::integer)
    FROM (
        SELECT geom_3857, community_id, matter_id, reported_at, closed_at, 1 AS sign FROM came
        UNION ALL
        SELECT geom_3857, community_id, matter_id, reported_at, closed_at, -1 FROM went
    ) AS i JOIN matter m ON m.id = i.matter_id
    GROUP BY 1, 2, 3, 4, 5
    HAVING sum(i.sign) <> 0 OR sum(i.sign * (i.closed_at IS NULL)::integer) <> 0;
    RETURN NULL;
END $$;

CREATE FUNCTION incident_count_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM incident_delta;
    DELETE FROM incident_count;
    RETURN NULL;
END $$;

-- A matter that goes to another department takes its incidents along. Writers of incidents wait: one who read the old
-- department meanwhile would be counted under it for ever.
CREATE FUNCTION incident_count_department() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE incident IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO incident_delta
    SELECT tile_column(i.geom_3857, 18), tile_row(i.geom_3857, 18), coalesce(i.community_id, 0), side.department, i.reported_at,
           side.sign, side.sign * (i.closed_at IS NULL)::integer
    FROM incident i CROSS JOIN (VALUES (OLD.department, -1), (NEW.department, 1)) AS side (department, sign)
    WHERE i.matter_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER incident_count_insert AFTER INSERT ON incident REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION incident_count_insert();
CREATE TRIGGER incident_count_update AFTER UPDATE ON incident REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION incident_count_update();
CREATE TRIGGER incident_count_delete AFTER DELETE ON incident REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION incident_count_delete();
CREATE TRIGGER incident_count_truncate AFTER TRUNCATE ON incident
    FOR EACH STATEMENT EXECUTE FUNCTION incident_count_truncate();
CREATE TRIGGER incident_count_department AFTER UPDATE ON matter
    FOR EACH ROW WHEN (OLD.department IS DISTINCT FROM NEW.department) EXECUTE FUNCTION incident_count_department();

-- Folds the deltas into the counts and moves the end of the periods to now. Exact at any moment: one statement, so one snapshot,
-- takes in the deltas that it removes, and takes out what was reported between the old and the new beginning of each period.
CREATE FUNCTION fold_incident_counts() RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
    until timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(41900351);
    SELECT greatest(as_of, now()) INTO until FROM incident_counted;
    WITH gone AS (
        DELETE FROM incident_delta RETURNING *
    ), change AS (
        SELECT x, y, community_id, department,
               CASE WHEN reported_at > as_of - interval '7 days' THEN n ELSE 0 END AS n_7,
               CASE WHEN reported_at > as_of - interval '7 days' THEN open ELSE 0 END AS open_7,
               CASE WHEN reported_at > as_of - interval '30 days' THEN n ELSE 0 END AS n_30,
               CASE WHEN reported_at > as_of - interval '30 days' THEN open ELSE 0 END AS open_30,
               n AS n_365, open AS open_365
        FROM gone, incident_counted WHERE reported_at > as_of - interval '365 days'
        UNION ALL
        SELECT tile_column(i.geom_3857, 18), tile_row(i.geom_3857, 18), coalesce(i.community_id, 0), m.department,
               -(days = 7)::integer, -(days = 7 AND i.closed_at IS NULL)::integer,
               -(days = 30)::integer, -(days = 30 AND i.closed_at IS NULL)::integer,
               -(days = 365)::integer, -(days = 365 AND i.closed_at IS NULL)::integer
        FROM incident_counted CROSS JOIN unnest(ARRAY[7, 30, 365]) AS days
        JOIN incident i ON i.reported_at > as_of - make_interval(days => days) AND i.reported_at <= until - make_interval(days => days)
        JOIN matter m ON m.id = i.matter_id
    ), by_square AS (
        SELECT x, y, community_id, department, sum(n_7) AS n_7, sum(open_7) AS open_7, sum(n_30) AS n_30,
               sum(open_30) AS open_30, sum(n_365) AS n_365, sum(open_365) AS open_365
        FROM change GROUP BY x, y, community_id, department
    )
    INSERT INTO incident_count AS c
    SELECT z, x >> (18 - z), y >> (18 - z), community_id, department,
           ((y >> (14 - z)) & 15) * 16 + ((x >> (14 - z)) & 15), sum(n_7), sum(open_7), sum(n_30), sum(open_30), sum(n_365),
           sum(open_365)
    FROM by_square CROSS JOIN generate_series(8, 14) AS z
    GROUP BY 1, 2, 3, 4, 5, 6
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (z, x, y, community_id, department, square) DO UPDATE
    SET n_7 = c.n_7 + excluded.n_7, open_7 = c.open_7 + excluded.open_7, n_30 = c.n_30 + excluded.n_30,
        open_30 = c.open_30 + excluded.open_30, n_365 = c.n_365 + excluded.n_365, open_365 = c.open_365 + excluded.open_365;
    DELETE FROM incident_count WHERE n_365 = 0;
    UPDATE incident_counted SET as_of = until;
    RETURN until;
END $$;

-- Counts everything anew: at first, and after somebody wrote to a partition of `incident` by its own name, past the triggers.
CREATE FUNCTION recount_incidents() RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE incident IN SHARE MODE;
    DELETE FROM incident_count;
    DELETE FROM incident_delta;
    INSERT INTO incident_delta
    SELECT tile_column(i.geom_3857, 18), tile_row(i.geom_3857, 18), coalesce(i.community_id, 0), m.department, i.reported_at,
           1, (i.closed_at IS NULL)::integer
    FROM incident i JOIN matter m ON m.id = i.matter_id
    WHERE i.reported_at > (SELECT as_of FROM incident_counted) - interval '365 days';
    RETURN fold_incident_counts();
END $$;

SELECT recount_incidents();

-- Marks of change. The version of a layer is the exclusive or of its marks: every committed change makes it another, folding the
-- marks into one leaves it, and a database set back to yesterday has yesterday's. Only ever appended to: writers never wait.
CREATE TABLE layer_change (
    layer TEXT NOT NULL,
    mark BIGINT NOT NULL,
    CONSTRAINT layer_change_layer_check CHECK (layer IN ('areas', 'grids', 'cells', 'facilities', 'incidents'))
);

CREATE FUNCTION mark_layers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layer_change SELECT layer, ('x' || left(md5(gen_random_uuid()::text), 16))::bit(64)::bigint FROM unnest(TG_ARGV) AS layer;
    RETURN NULL;
END $$;

CREATE TRIGGER area_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON area
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('areas', 'grids');
CREATE TRIGGER map_shape_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON map_shape
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('areas', 'grids');
CREATE TRIGGER grid_mark AFTER UPDATE OR DELETE OR TRUNCATE ON grid
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('grids');
CREATE TRIGGER grid_version_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grid_version
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('grids');
CREATE TRIGGER cell_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cell
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('cells');
CREATE TRIGGER facility_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON facility
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('facilities');
CREATE TRIGGER incident_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON incident
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('incidents');
CREATE TRIGGER incident_counted_mark AFTER UPDATE ON incident_counted
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('incidents');
CREATE TRIGGER matter_mark AFTER UPDATE ON matter
    FOR EACH STATEMENT EXECUTE FUNCTION mark_layers('incidents');

INSERT INTO layer_change SELECT layer, ('x' || left(md5(gen_random_uuid()::text), 16))::bit(64)::bigint
FROM unnest(ARRAY['areas', 'grids', 'cells', 'facilities', 'incidents']) AS layer;

ALTER TABLE cell ADD COLUMN geom_3857 geometry(POLYGON, 3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED;
CREATE INDEX cell_geom_3857_idx ON cell USING gist (geom_3857);

-- A tile is one of many that are asked for at once: a second process for one of them takes it from the others.
ALTER TABLE map_shape SET (parallel_workers = 0);
