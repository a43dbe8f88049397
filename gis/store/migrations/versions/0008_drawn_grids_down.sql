DROP TRIGGER grid_version_rename ON grid_version;
DROP TRIGGER area_rename ON area;
DROP TRIGGER grid_rename ON grid;
DROP FUNCTION map_shape_rename();
DROP INDEX map_shape_grid_idx;
DROP INDEX map_shape_area_idx;
CREATE INDEX map_shape_geom_idx ON map_shape USING gist (layer, band, geom);
ALTER TABLE map_shape DROP COLUMN plan_id, DROP COLUMN code, DROP COLUMN community;
