"""What every answer needs and hardly ever changes, asked of the database once a minute and worker."""

import time
from dataclasses import dataclass

from flask import current_app

from gis import city, collections
from gis.collections import Collection, Extent
from gis.records import City
from server.database import reading

KEPT_S = 60.0
_KEY = "wangge-ogc-known"


@dataclass(frozen=True)
class Known:
    """The city, its extent, and the collections that it has."""

    city: City
    extent: Extent
    offered: list[Collection]


def known() -> Known:
    """As it was within the last minute. Raises NoCity."""
    until, held = current_app.extensions.get(_KEY, (0.0, None))
    if held is None or until < time.monotonic():
        with reading() as conn:
            held = Known(city.get(conn), collections.extent(conn), collections.offered(conn))
        current_app.extensions[_KEY] = (time.monotonic() + KEPT_S, held)
    return held
