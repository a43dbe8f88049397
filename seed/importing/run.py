"""The run of an import: read, judged, and in the real run written, all in the caller's transaction."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from gis import imports, layer_files
from gis.errors import ImportRefused
from gis.rules.findings import ERROR, Finding
from gis.rules.mapping import guess
from seed.importing import areas, cells, facilities, grids, incidents, network, places, population
from seed.importing.incidents import AtlasAt
from seed.importing.incoming import Incoming, looked_like
from seed.importing.request import KINDS, Checked, Request, Tell

NAMED_AT_MOST = 5


def check(conn: Connection, request: Request, *, now: datetime, atlas_at: AtlasAt, tell: Tell) -> Checked:
    """The dry run: everything that is wrong with a layer, and what the real run would write. Writes nothing.

    Raises BadFile for a file that cannot be read, ImportRefused where the city is not ready for the import.
    """
    if request.kind not in KINDS:
        raise ImportRefused(f"What comes in is one of {', '.join(KINDS)}, not {request.kind!r}.", field="kind")
    checked = _checkers(request, now, atlas_at)[request.kind](conn, read(request, tell), request.options, tell)
    return replace(checked, findings=[*_before(conn, request), *checked.findings])


def _before(conn: Connection, request: Request) -> list[Finding]:
    """Incidents have no code that would tell one from another: the same file is not taken twice."""
    when = imports.applied_before(conn, digest_of(request.source.path)) if request.kind == "incidents" else None
    if when is None:
        return []
    message = f"This very file was brought in on {when:%Y-%m-%d %H:%M} UTC: its incidents would be there twice."
    return [Finding("applied_before", ERROR, (), (), message)]


def digest_of(path: Path) -> str:
    """What tells a file from every other one; nothing for a folder."""
    if path.is_dir():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checkers(request: Request, now: datetime, atlas_at: AtlasAt) -> dict[str, Callable[..., Checked]]:
    return {
        "areas": areas.check,
        "cells": cells.check,
        "grids": partial(grids.check, now=now),
        "population": population.check,
        "facilities": facilities.check,
        "places": places.check,
        "incidents": partial(incidents.check, now=now, atlas_at=atlas_at),
        "network": partial(network.check, filename=request.source.name),
    }


def read(request: Request, tell: Tell) -> Incoming:
    """The layer with its columns, guessed unless the request names them."""
    source = request.source
    tell("Reading the file", 0, 0)
    named = source.fields or {}
    layer = layer_files.read(
        source.path,
        layer=source.layer,
        encoding=source.encoding,
        crs=source.crs,
        datum=source.datum,
        lon=named.get("lon"),
        lat=named.get("lat"),
        tell=lambda rows: tell("Reading the file", rows, 0),
    )
    fields = guess(looked_like(layer.fields), kind=request.kind)
    if source.fields is not None:
        fields |= source.fields
    return Incoming(layer, request.kind, fields)


def carry_out(
    conn: Connection, request: Request, *, now: datetime, atlas_at: AtlasAt, tell: Tell, by: str, filename: str | None = None
) -> tuple[Checked, dict[str, int] | None]:
    """The real run, in the caller's transaction: check, then write; returns the check and how much was written.

    One import writes at a time. When a finding blocks nothing is written, and None is returned for how much.
    """
    imports.hold_writing(conn, tell)
    checked = check(conn, request, now=now, atlas_at=atlas_at, tell=tell)
    if checked.errors:
        return checked, None
    tell("Writing to the city", 0, 0)
    written = checked.write(conn, by)
    path = request.source.path
    imports.note_applied(conn, kind=request.kind, filename=filename or path.name, digest=digest_of(path), by=by, **written)
    return checked, written


def refuse_errors(checked: Checked) -> None:
    """Raise ImportRefused when a finding blocks."""
    errors = checked.errors
    if errors:
        named = " ".join(error.message for error in errors[:NAMED_AT_MOST])
        raise ImportRefused(
            f"{len(errors)} findings block the import, nothing was written. {named}",
            findings=[_told(error) for error in errors[:100]],
        )


def _told(finding: Finding) -> dict[str, Any]:
    return {"rule": finding.rule, "rows": finding.rows, "message": finding.message, "lon": finding.lon, "lat": finding.lat}
