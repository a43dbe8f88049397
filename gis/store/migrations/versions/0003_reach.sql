-- Everyone sees their own part. Who may see an incident follows from its community and its matter: both stand in the row,
-- so that a filter, and later a policy of row-level security, needs no join.

ALTER TABLE incident ADD COLUMN community_id BIGINT CONSTRAINT incident_community_id_fkey REFERENCES area (id);

UPDATE incident i SET community_id = v.community_id
FROM grid_version v WHERE v.grid_id = i.grid_id AND v.valid @> i.reported_at;

-- The order of every list is (reported_at, id), newest first; each index serves one filter in that order.
CREATE INDEX incident_reported_at_idx ON incident (reported_at, id);
CREATE INDEX incident_community_id_idx ON incident (community_id, reported_at, id);
CREATE INDEX incident_matter_id_idx ON incident (matter_id, reported_at, id);
CREATE INDEX incident_state_idx ON incident (state, reported_at, id) WHERE state <> 'closed';

CREATE OR REPLACE FUNCTION incident_fill_grid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.grid_id := grid_at(NEW.geom, NEW.reported_at);
    NEW.community_id := (
        SELECT community_id FROM grid_version WHERE grid_id = NEW.grid_id AND valid @> NEW.reported_at
    );
    NEW.placed := true;
    RETURN NEW;
END $$;

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
         INSERT INTO %I (id, reported_at, number, matter_id, state, urgency, channel, geom, grid_id, community_id, placed,
                         description, closed_at, synthetic)
         SELECT id, reported_at, number, matter_id, state, urgency, channel, geom, grid_id, community_id, placed,
                description, closed_at, synthetic FROM moved', first_at, end_at, name);
    EXECUTE format('ALTER TABLE incident ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first_at, end_at);
    RETURN true;
END $$;

ALTER TABLE account ADD COLUMN department TEXT CONSTRAINT account_department_fkey REFERENCES department (code);
