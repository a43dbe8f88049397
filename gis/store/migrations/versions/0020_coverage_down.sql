-- Without coverage.

DROP TABLE siting, scenario, audit_facility, audit_gap, audit_cells, audit_row, audit, facility_standard, facility_service,
    service, network_barrier, network_edge, network;

DELETE FROM import_job WHERE kind = 'network';
ALTER TABLE import_job DROP CONSTRAINT import_job_kind_check;
ALTER TABLE import_job ADD CONSTRAINT import_job_kind_check
    CHECK (kind IN ('areas', 'cells', 'grids', 'population', 'facilities', 'incidents', 'places'));
