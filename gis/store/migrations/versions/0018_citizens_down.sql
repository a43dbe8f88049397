-- Without citizens' reports, photos and saved views.

DROP TABLE saved_view, notice_read, notice, reporter, photo;
DROP INDEX incident_merged_into_idx;
