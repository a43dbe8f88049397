"""The Flask application: pages, API and the command line over the services of `gis`."""
