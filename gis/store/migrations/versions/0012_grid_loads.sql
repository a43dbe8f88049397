-- What grids have to do under a plan and a workload model, kept so that a click need not count the city: all grids of a published
-- plan, and of a draft those whose cells are not its parent's, with their shape. Of a draft also what its scope was before.

CREATE TABLE plan_load (
    plan_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    grids_before INTEGER,
    variation_before FLOAT,
    CONSTRAINT plan_load_pkey PRIMARY KEY (plan_id, model_id),
    CONSTRAINT plan_load_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plan (id) ON DELETE CASCADE
);

CREATE TABLE grid_load (
    plan_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    grid_key BIGINT NOT NULL,
    community_id BIGINT NOT NULL,
    cells INTEGER NOT NULL,
    area_m2 FLOAT NOT NULL,
    population INTEGER NOT NULL,
    households INTEGER NOT NULL,
    incidents FLOAT NOT NULL,
    inspections_h FLOAT NOT NULL,
    incidents_h FLOAT NOT NULL,
    people_h FLOAT NOT NULL,
    walking_h FLOAT NOT NULL,
    spread_h FLOAT NOT NULL,
    fixed_h FLOAT NOT NULL,
    compactness FLOAT NOT NULL,
    pieces INTEGER NOT NULL,
    geom geometry(MULTIPOLYGON, 4326),
    CONSTRAINT grid_load_pkey PRIMARY KEY (plan_id, model_id, grid_key),
    CONSTRAINT grid_load_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plan (id) ON DELETE CASCADE,
    CONSTRAINT grid_load_community_id_fkey FOREIGN KEY (community_id) REFERENCES area (id)
);

CREATE INDEX grid_load_community_id_idx ON grid_load (plan_id, model_id, community_id);

-- The same taken together by community, and how far a draft differs from its parent there.
CREATE TABLE community_load (
    plan_id BIGINT NOT NULL,
    model_id BIGINT NOT NULL,
    community_id BIGINT NOT NULL,
    grids INTEGER NOT NULL,
    hours FLOAT NOT NULL,
    variation FLOAT NOT NULL,
    deviation_max FLOAT NOT NULL,
    cells_moved INTEGER NOT NULL,
    residents_moved INTEGER NOT NULL,
    cells_cut INTEGER NOT NULL,
    CONSTRAINT community_load_pkey PRIMARY KEY (plan_id, model_id, community_id),
    CONSTRAINT community_load_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plan (id) ON DELETE CASCADE,
    CONSTRAINT community_load_community_id_fkey FOREIGN KEY (community_id) REFERENCES area (id)
);

CREATE INDEX draft_assignment_grid_key_idx ON draft_assignment (plan_id, grid_key);
