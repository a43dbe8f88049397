"""A walking network: the streets of OpenStreetMap or of any road layer, with what bars the way."""

import numpy as np
import shapely
from sqlalchemy import Connection

from gis import cells, city, networks
from gis.coverage_records import StreetLines
from gis.errors import ImportRefused
from gis.records import CellColumns, Flags, Floats, Ints, Shapes, Texts
from gis.rules.findings import ERROR, NOTICE, Finding
from gis.rules.street_classes import TAGS, barrier_kinds, is_walked
from gis.rules.walking_network import WalkingNetwork
from gis.rules.zones import WGS84, project
from seed.importing.incoming import Incoming
from seed.importing.network_findings import elsewhere, network_findings
from seed.importing.request import Checked, Options, Tell

AROUND_CITY_M = 2_000.0
"""Streets so far beyond the city come in too: the way to a facility may lead there."""
ROWS_NAMED = 100
ROAD = "road"


def check(conn: Connection, incoming: Incoming, options: Options, tell: Tell, *, filename: str) -> Checked:
    """Judge streets: that there are any, that they lie where the city lies and in its datum, and hang together."""
    held = city.get(conn)
    blocks = cells.every(conn)
    if not len(blocks.ids):
        raise ImportRefused("The city has no cells yet: streets are judged by where people live. Import cells first.", field="kind")
    tell("Laying the streets", 0, len(incoming.rows))
    use, findings = _near_the_city(incoming, blocks, held.metric_srid)
    tags = _tags(incoming, use)
    streets, rows = _streets(tags, project(incoming.geoms[use], to=held.metric_srid), incoming.rows[use])
    counts: dict[str, int] = {}
    laid = None
    if len(streets.lines) and shapely.length(streets.lines).any():
        laid = networks.laid(streets, metric_srid=held.metric_srid)
        counts = {"edges": len(laid.line), "barriers": len(streets.barriers)}
        tell("Holding the streets against the city", 0, len(blocks.ids))
        findings += [*network_findings(laid.network, blocks), *_known(conn, laid.network)]
    elif not any(finding.severity == ERROR for finding in findings):
        says = "There is no street in it that people walk along: no line of a class other than motorways and trunk roads."
        findings.append(Finding("no_streets", ERROR, (), (), says))
    name = options.plan_name.zh if options.plan_name else filename

    def write(conn: Connection, by: str) -> dict[str, int]:
        assert laid is not None, "without a street a finding blocks"
        networks.keep(conn, laid, streets, name=name, source=filename, synthetic=False, by=by, force=not options.beside)
        return counts

    walked = np.isin(incoming.rows, rows)
    return Checked(
        info=incoming.info, fields=incoming.fields, findings=[*incoming.findings, *findings], counts=counts, write=write,
        shapes=incoming.geoms[walked], labels=_labels(incoming, walked), rows=incoming.rows[walked],
    )  # fmt: skip


def _near_the_city(incoming: Incoming, blocks: CellColumns, srid: int) -> tuple[Flags, list[Finding]]:
    """The lines (n,) in and around the city, and what is odd about the others."""
    shapes = incoming.geoms
    kind = shapely.get_type_id(shapes)
    line = (kind == shapely.GeometryType.LINESTRING) | (kind == shapely.GeometryType.MULTILINESTRING)
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        placed = line & (np.abs(bounds) <= 180).all(axis=1)
    around = _around(blocks, srid)
    near = placed & shapely.intersects(shapely.box(*around), shapely.box(*bounds.T))
    findings = [
        *_some(incoming, ~line & (kind >= 0), "not_line", "{n} features are no lines and are left out."),
        *_some(incoming, kind < 0, "missing_geometry", "{n} features have no geometry and are left out."),
        *_some(incoming, line & ~placed, "out_of_range", "{n} lines lie at no longitude and latitude and are left out."),
    ]
    if placed.any() and not near.any():
        return near, [*findings, elsewhere(bounds[placed], around, around_m=AROUND_CITY_M)]
    says = f"{{n}} lines lie more than {AROUND_CITY_M:,.0f} m outside the city and are left out."
    return near, [*findings, *_some(incoming, placed & ~near, "beyond_city", says)]


def _around(blocks: CellColumns, srid: int) -> Floats:
    """West, south, east and north of the city with what lies around it, in degrees."""
    west, south, east, north = shapely.total_bounds(project(blocks.shape, to=srid))
    box = shapely.box(west - AROUND_CITY_M, south - AROUND_CITY_M, east + AROUND_CITY_M, north + AROUND_CITY_M)
    return np.asarray(shapely.total_bounds(project(np.array([box], dtype=object), to=WGS84, source=srid)))


def _some(incoming: Incoming, which: Flags, rule: str, says: str) -> list[Finding]:
    rows = incoming.rows[which].tolist()
    return [Finding(rule, NOTICE, tuple(rows[:ROWS_NAMED]), (), says.format(n=f"{len(rows):,}"))] if rows else []


def _tags(incoming: Incoming, use: Flags) -> dict[str, Texts]:
    """What each line says of itself. A layer without a class of road, or a road without one, is walked."""
    tags = {key: np.array(incoming.texts("class" if key == "highway" else key), dtype=object)[use] for key in TAGS}
    other = np.any([np.not_equal(tags[key], None) for key in ("waterway", "railway", "barrier")], axis=0)
    tags["highway"] = np.where(np.equal(tags["highway"], None) & ~other, ROAD, tags["highway"])
    return tags


def _streets(tags: dict[str, Texts], lines_m: Shapes, rows: Ints) -> tuple[StreetLines, Ints]:
    """Streets and barriers, and the rows that streets came from."""
    walked, kinds = is_walked(tags), barrier_kinds(tags)
    bars = np.not_equal(kinds, None)
    barriers, which = shapely.get_parts(lines_m[bars], return_index=True)
    kind = kinds[bars][which]
    # A wall all around has a gate, whether or not the map shows it: people live inside.
    bar = (shapely.length(barriers) > 0) & ~(shapely.is_closed(barriers) & np.equal(kind, "wall"))
    streets = StreetLines(lines_m[walked], tags["highway"][walked], barriers[bar], kind[bar])
    return streets, rows[walked]


def _known(conn: Connection, network: WalkingNetwork) -> list[Finding]:
    digest = networks.digest(network)
    known = next((one for one in networks.every(conn) if one.digest == digest), None)
    if known is None:
        return []
    says = f"The very same streets are there already as network {known.id} ({known.name}); put that one in force."
    return [Finding("there_already", ERROR, (), (known.name,), says)]


def _labels(incoming: Incoming, walked: Flags) -> list[str]:
    return [label for label, take in zip(incoming.labels("name", "class"), walked.tolist(), strict=True) if take]
