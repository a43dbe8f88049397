ALTER TABLE account DROP COLUMN department;

CREATE OR REPLACE FUNCTION prepare_incident_month(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first_at timestamptz := date_trunc('month', month)::timestamp AT TIME ZONE 'UTC';
    end_at timestamptz := (date_trunc('month', month) + interval '1 month')::timestamp AT TIME ZONE 'UTC';
    name text := 'incident_' || to_char(month, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('prepare_incident_month'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE incident INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)', name);
    EXECUTE format(
        'WITH moved AS (DELETE FROM incident_rest WHERE reported_at >= %L AND reported_at < %L RETURNING *)
         INSERT INTO %I (id, reported_at, number, matter_id, state, urgency, channel, geom, grid_id, placed,
                         description, closed_at, synthetic)
         SELECT id, reported_at, number, matter_id, state, urgency, channel, geom, grid_id, placed,
                description, closed_at, synthetic FROM moved', first_at, end_at, name);
    EXECUTE format('ALTER TABLE incident ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first_at, end_at);
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION incident_fill_grid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.grid_id := grid_at(NEW.geom, NEW.reported_at);
    NEW.placed := true;
    RETURN NEW;
END $$;

ALTER TABLE incident DROP COLUMN community_id;
DROP INDEX incident_state_idx;
DROP INDEX incident_matter_id_idx;
DROP INDEX incident_reported_at_idx;
