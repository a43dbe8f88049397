"""The map services that ours is measured against: tipg and pygeoapi, on the same incidents, with as many workers."""

from __future__ import annotations

import importlib.metadata
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine

from bench import pygeoapi_service
from bench.serving import CannotServe, served

TABLE = "plain_incident"
# One geometry per feature: pygeoapi fails on a second one, and neither joins other tables.
PLAIN = f"""
    CREATE VIEW {TABLE} AS SELECT id, number, matter_id, state, urgency, channel, reported_at, closed_at, grid_id, community_id,
                                  description, synthetic, geom FROM incident
"""


def url_of(engine: Engine) -> str:
    """The address of a database as libpq has it."""
    return engine.url.render_as_string(hide_password=False).replace("postgresql+psycopg2://", "postgresql://")


def version(package: str) -> str:
    """Name and version of a peer. Raises CannotServe when it is not installed."""
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        raise CannotServe(f"{package} is not installed") from None


@contextmanager
def tipg(engine: Engine) -> Iterator[dict[str, str]]:
    """Addresses of the same questions to tipg."""
    version("tipg")
    environment = {
        "DATABASE_URL": _with_host(url_of(engine)), "TIPG_DB_SCHEMAS": '["public"]', "TIPG_DB_TABLES": f'["public.{TABLE}"]',
        f"TIPG_TABLE_CONFIG__public_{TABLE}__pk": "id", "TIPG_CATALOG_TTL": "100000",
    }  # fmt: skip
    with served("tipg.main:app", environment=environment, factory=False, probe="/healthz", interface="asgi") as address:
        yield _questions(address, f"public.{TABLE}", "geojson")


@contextmanager
def pygeoapi(engine: Engine) -> Iterator[dict[str, str]]:
    """Addresses of the same questions to pygeoapi."""
    version("pygeoapi")
    with tempfile.TemporaryDirectory() as folder:
        config, description = Path(folder) / "config.yml", Path(folder) / "openapi.yml"
        config.write_text(pygeoapi_service.config(url_of(engine), name=TABLE, table=TABLE))
        description.write_text("openapi: 3.0.2\ninfo: {title: bench, version: '1'}\npaths: {}\n")
        environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(description)}
        with served("pygeoapi.flask_app:APP", environment=environment, factory=False, probe="/conformance") as address:
            yield _questions(address, TABLE, "json")


def _questions(address: str, collection: str, form: str) -> dict[str, str]:
    return questions(address, f"{address}/collections/{collection}", item="1000", form=form)


def questions(root: str, collection: str, *, item: str, form: str) -> dict[str, str]:
    """The kinds of request, each with its address."""
    items = f"{collection}/items"
    return {
        "landing page": f"{root}/?f=json",
        "collection": f"{collection}?f=json",
        "ten items": f"{items}?limit=10&f={form}",
        "ten items in a box": f"{items}?limit=10&bbox=113.80,22.85,113.81,22.86&f={form}",
        "one item": f"{items}/{item}?f={form}",
    }


def _with_host(url: str) -> str:
    """The address with its host where tipg looks for it: `postgresql://user@/db?host=/socket` is not a URL with a host."""
    known = pygeoapi_service.parts_of(url)
    secret = f":{known['password']}" if known["password"] else ""
    return f"postgresql://{known['user']}{secret}@{quote(known['host'], safe='')}:{known['port']}/{known['dbname']}"
