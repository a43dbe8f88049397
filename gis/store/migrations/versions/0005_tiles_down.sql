ALTER TABLE cell DROP COLUMN geom_3857;

DROP TRIGGER facility_mark ON facility;
DROP TRIGGER cell_mark ON cell;
DROP TRIGGER grid_version_mark ON grid_version;
DROP TRIGGER grid_mark ON grid;
DROP TRIGGER map_shape_mark ON map_shape;
DROP TRIGGER area_mark ON area;
DROP FUNCTION mark_layers();
DROP TABLE layer_change;

DROP TRIGGER incident_count_department ON matter;
DROP TRIGGER incident_count_truncate ON incident;
DROP TRIGGER incident_count_delete ON incident;
DROP TRIGGER incident_count_update ON incident;
DROP TRIGGER incident_count_insert ON incident;
DROP FUNCTION incident_count_department();
DROP FUNCTION incident_count_truncate();
DROP FUNCTION incident_count_update();
DROP FUNCTION incident_count_delete();
DROP FUNCTION incident_count_insert();
DROP FUNCTION recount_incidents();
DROP FUNCTION fold_incident_counts();
DROP TABLE incident_delta;
DROP TABLE incident_count;
DROP TABLE incident_counted;
DROP FUNCTION tile_row(geometry, integer);
DROP FUNCTION tile_column(geometry, integer);
