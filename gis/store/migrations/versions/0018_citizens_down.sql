-- Without citizens' reports, photos and saved views.

DROP TABLE saved_view, notice, reporter, photo;
