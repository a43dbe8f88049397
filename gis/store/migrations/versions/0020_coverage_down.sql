-- Without coverage.

DROP TABLE siting, scenario, audit_facility, audit_gap, audit_cells, audit_row, audit, facility_standard, facility_service,
    service, network_barrier, network_edge, network;
