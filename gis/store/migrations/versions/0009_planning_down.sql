DROP TABLE opinion, proposal_step, proposal, balancing_community, balancing, draft_step, plan_edit, draft_assignment, draft_cell,
    draft_grid, plan_scope;
-- Drafts have no place in the schema before.
UPDATE plan SET parent_id = NULL WHERE parent_id IN (SELECT id FROM plan WHERE valid IS NULL);
DELETE FROM plan WHERE valid IS NULL;
ALTER TABLE plan DROP CONSTRAINT plan_state_check;
ALTER TABLE plan
    ADD CONSTRAINT plan_state_check CHECK (state IN ('draft', 'consultation', 'published', 'superseded')),
    DROP COLUMN workload_model_id, DROP COLUMN author, DROP COLUMN published_by, DROP COLUMN restores_id, DROP COLUMN changed_at;
DROP TABLE cell_load, workload_model, cell_matter, cell_place, place_kind;
ALTER TABLE lineage DROP COLUMN workload_fraction;
ALTER TABLE grid_version DROP COLUMN kind, DROP COLUMN name_zh, DROP COLUMN name_en;
ALTER TABLE cell DROP COLUMN parent_id, DROP COLUMN valid;
