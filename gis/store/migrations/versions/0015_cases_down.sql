-- Back to incidents without a command, a holder and steps.

DROP TABLE done_once, working_day, incident_party, incident_step;
DROP TRIGGER incident_fill_grid ON incident;
DROP INDEX incident_command_id_idx, incident_holder_id_idx, incident_due_at_idx, incident_closed_at_idx;
UPDATE incident SET state = 'rejected', merged_into = NULL WHERE state = 'merged';
ALTER TABLE incident
    DROP CONSTRAINT incident_state_check,
    ADD CONSTRAINT incident_state_check CHECK (state IN ('collected', 'accepted', 'dispatched', 'handling', 'feedback', 'verified', 'closed', 'returned', 'suspended', 'rejected')),
    DROP COLUMN version, DROP COLUMN command_id, DROP COLUMN holder_id, DROP COLUMN with_department, DROP COLUMN due_at,
    DROP COLUMN warn_at, DROP COLUMN left_min, DROP COLUMN returns, DROP COLUMN extensions, DROP COLUMN supervised,
    DROP COLUMN tier, DROP COLUMN merged_into, DROP COLUMN address;
ALTER TABLE matter DROP COLUMN kind, DROP COLUMN visibility, DROP COLUMN icon, DROP COLUMN by_citizens;

CREATE OR REPLACE FUNCTION incident_fill_grid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.grid_id := grid_at(NEW.geom, NEW.reported_at);
    NEW.community_id := (
        SELECT community_id FROM grid_version WHERE grid_id = NEW.grid_id AND valid @> NEW.reported_at
    );
    NEW.placed := true;
    RETURN NEW;
END $$;
CREATE TRIGGER incident_fill_grid BEFORE INSERT ON incident
    FOR EACH ROW WHEN (NOT NEW.placed) EXECUTE FUNCTION incident_fill_grid();
