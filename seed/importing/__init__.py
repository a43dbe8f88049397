"""Importers: a city's own layers, read, judged, mended where they can be, and brought in through the services.

`check` is the dry run, `carry_out` the real one; both do the same work up to the writing, so that the report of a dry run is
what the real run does. A run writes everything or nothing.
"""

from seed.importing.request import Checked, NewCity, Options, Request, Source
from seed.importing.run import carry_out, check, refuse_errors

__all__ = ["Checked", "NewCity", "Options", "Request", "Source", "carry_out", "check", "refuse_errors"]
