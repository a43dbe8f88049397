DROP MATERIALIZED VIEW grid_activity;
DROP FUNCTION grid_activity_at(timestamptz);
CREATE MATERIALIZED VIEW grid_activity AS
    WITH RECURSIVE heir AS (
        SELECT grid_id AS from_id, grid_id AS heir_id, 1.0::float AS share
        FROM grid_version WHERE valid @> now()
        UNION ALL
        SELECT l.from_grid_id, heir.heir_id, heir.share * l.area_fraction
        FROM heir JOIN lineage l ON l.to_grid_id = heir.from_id
        -- Only where the grid ended by that plan: one that lives on keeps its incidents, whatever ground it gave away.
        WHERE NOT EXISTS (SELECT 1 FROM grid_version v WHERE v.grid_id = l.from_grid_id AND v.plan_id = l.plan_id)
    ), counted AS (
        SELECT grid_id,
               count(*) FILTER (WHERE reported_at > now() - interval '30 days') AS days_30,
               count(*) AS days_365,
               count(*) FILTER (WHERE closed_at IS NULL AND state <> 'rejected') AS open
        FROM incident
        WHERE grid_id IS NOT NULL AND reported_at > now() - interval '365 days'
        GROUP BY grid_id
    )
    SELECT heir.heir_id AS grid_id, round(sum(share * days_30))::integer AS days_30,
           round(sum(share * days_365))::integer AS days_365, round(sum(share * open))::integer AS open, now() AS as_of
    FROM heir JOIN counted ON counted.grid_id = heir.from_id
    GROUP BY heir.heir_id;

CREATE UNIQUE INDEX grid_activity_grid_id_idx ON grid_activity (grid_id);

DROP TRIGGER plan_is_assigned ON plan;
DROP TRIGGER grid_is_assigned ON grid;
DROP TRIGGER cell_is_assigned ON cell;
DROP TRIGGER cell_assignment_refers_insert ON cell_assignment;
DROP TRIGGER cell_assignment_refers_update ON cell_assignment;
DROP FUNCTION cell_assignment_holds(), cell_assignment_refers();
ALTER TABLE cell_assignment
    ADD CONSTRAINT cell_assignment_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plan (id),
    ADD CONSTRAINT cell_assignment_cell_id_fkey FOREIGN KEY (cell_id) REFERENCES cell (id),
    ADD CONSTRAINT cell_assignment_grid_id_fkey FOREIGN KEY (grid_id) REFERENCES grid (id);
