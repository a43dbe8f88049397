-- Grids drawn from one table: a tile of them is one scan of one index, without looking up plan, code and community of each.

ALTER TABLE map_shape ADD COLUMN plan_id BIGINT, ADD COLUMN code TEXT, ADD COLUMN community TEXT;

UPDATE map_shape s SET plan_id = v.plan_id, code = g.code, community = c.code
FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id
WHERE s.layer = 'grid' AND v.id = s.ref_id;

ALTER TABLE map_shape ADD CONSTRAINT map_shape_grids_are_named_check
    CHECK ((layer = 'grid') = (plan_id IS NOT NULL AND code IS NOT NULL AND community IS NOT NULL));

DROP INDEX map_shape_geom_idx;
CREATE INDEX map_shape_area_idx ON map_shape USING gist (band, geom) WHERE layer <> 'grid';
CREATE INDEX map_shape_grid_idx ON map_shape USING gist (plan_id, band, geom) WHERE layer = 'grid';

-- Codes are given once. Should one be corrected all the same, the map follows.
CREATE FUNCTION map_shape_rename() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE map_shape s SET code = g.code, community = c.code
    FROM grid_version v JOIN grid g ON g.id = v.grid_id JOIN area c ON c.id = v.community_id
    WHERE s.layer = 'grid' AND s.ref_id = v.id
      AND CASE TG_TABLE_NAME WHEN 'grid' THEN g.id = NEW.id WHEN 'area' THEN c.id = NEW.id ELSE v.id = NEW.id END;
    RETURN NULL;
END $$;

CREATE TRIGGER grid_rename AFTER UPDATE OF code ON grid
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION map_shape_rename();
CREATE TRIGGER area_rename AFTER UPDATE OF code ON area
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION map_shape_rename();
CREATE TRIGGER grid_version_rename AFTER UPDATE OF community_id, grid_id ON grid_version
    FOR EACH ROW WHEN ((OLD.community_id, OLD.grid_id) <> (NEW.community_id, NEW.grid_id)) EXECUTE FUNCTION map_shape_rename();
