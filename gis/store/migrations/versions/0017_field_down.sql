-- Without officers in the field.

DROP TABLE inspection, place, track, position, shift;
ALTER TABLE account DROP COLUMN staff_id;
