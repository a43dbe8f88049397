-- Lists of incidents: newest first, by keyset.

-- What is open is looked at all day and is a small part of the table.
CREATE INDEX incident_open_idx ON incident (reported_at, id) WHERE closed_at IS NULL AND state <> 'rejected';

-- The list of a grid in the order of every list; with the id, so that it needs no sorting.
DROP INDEX incident_grid_id_idx;
CREATE INDEX incident_grid_id_idx ON incident (grid_id, reported_at, id);
