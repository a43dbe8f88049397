"""`wangge doctor`: what is wrong with an installation, and what to do about it."""

import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import OperationalError

from gis import upkeep
from server.cluster import Cluster, ClusterError, binaries
from server.config import ROOT, Settings

VENDOR = ROOT / "server/static/vendor/node_modules"
LEAST_DISK_GB = 2


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` is empty when all is well."""

    what: str
    found: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything a running server needs, one finding each."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", version, "" if sys.version_info >= (3, 11) else "Install Python 3.11 or later.")
    yield Finding("Front-end scripts", str(VENDOR), "" if (VENDOR / "leaflet").is_dir() else "Run `make run`: npm installs them.")
    compiled = (ROOT / "server/translations/zh/LC_MESSAGES/messages.mo").exists()
    yield Finding(
        "Chinese translation", "compiled" if compiled else "missing", "" if compiled else "Run `make run`: it compiles them."
    )
    yield _disk(settings.var_dir)
    yield _port(settings)
    yield _events_port(settings)
    yield from _database(settings)


def _disk(var_dir: Path) -> Finding:
    there = next(path for path in (var_dir, *var_dir.parents) if path.exists())
    free_gb = shutil.disk_usage(there).free / 2**30
    return Finding(
        "Disk", f"{free_gb:.1f} GB free", "" if free_gb >= LEAST_DISK_GB else f"Free at least {LEAST_DISK_GB} GB for {var_dir}."
    )


def _port(settings: Settings) -> Finding:
    return _answering(settings.host, settings.port, name="Port", setting="WANGGE_PORT")


def _events_port(settings: Settings) -> Finding:
    return _answering(settings.host, settings.events_port, name="Port of events", setting="WANGGE_EVENTS_PORT")


def _answering(host: str, port: int, *, name: str, setting: str) -> Finding:
    what = f"{name} {port}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{f'[{host}]' if ':' in host else host}:{port}/healthz", timeout=3) as answer:
            ours = answer.read().startswith(b'{"status":"alive"')
    except urllib.error.HTTPError:
        ours = False
    except OSError:
        return Finding(what, "free")
    if ours:
        return Finding(what, "Wangge answers")
    return Finding(what, "taken", f"Something else listens there: choose another {setting}.")


def _database(settings: Settings) -> Iterator[Finding]:
    url = settings.database_url
    if url is None:
        try:
            yield Finding("PostgreSQL programs", str(binaries()))
            cluster = Cluster(settings.var_dir / "postgres")
            if not cluster.data.exists():
                yield Finding("Private database", "not made yet", "Run `make run` or `wangge run`.")
                return
            if not cluster.is_running():
                yield Finding("Private database", "not running", "Run `make run` or `wangge run`.")
                return
            url = cluster.url
        except ClusterError as error:
            yield Finding("PostgreSQL programs", "missing", str(error))
            return
    try:
        engine = upkeep.open_database(url)
        faults = upkeep.database_faults(engine)
        yield Finding("Database", "answers", " ".join(faults))
        with engine.connect() as conn:
            current = upkeep.schema_is_current(conn)
        yield Finding("Schema", "current" if current else "not current", "" if current else "Run `wangge migrate`.")
    except OperationalError as error:
        yield Finding("Database", "does not answer", str(error.orig).strip())
