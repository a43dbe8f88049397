"""Maps of an audit to print: what is covered, the gaps, the facilities with their circles."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import EllipseCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline

from gis.records import Floats, Shapes
from server.reports.maps import DPI, HEIGHT_IN, MARGIN, WIDTH_IN, chinese_font, furnish

COVERED, UNCOVERED, GAP, CIRCLE, PLACE, BORDER = "#d5e8d4", "#f6d5cf", "#c8442b", "#2c6fbb", "#123a6b", "#7a8696"
CIRCLES_AT_MOST = 3_000
WORDS: Final = {
    "zh": {
        "covered": "达标的村（社区）", "uncovered": "未达标的村（社区）", "gap": "空白区（未覆盖）", "circle": "服务半径",
        "place": "设施", "north": "北",
    },
    "en": {
        "covered": "Communities covered", "uncovered": "Communities not covered", "gap": "Gaps (not covered)",
        "circle": "Circles of the limit", "place": "Facilities", "north": "N",
    },
}  # fmt: skip


@dataclass(frozen=True)
class AuditSheet:
    """What a map shows, in metres of the city's zone: units covered and not, gaps, facilities (f, 2), and the circles' radius.

    `radius_m` is None where the limit is walked: no circle says how far that goes.
    """

    covered: Shapes
    uncovered: Shapes
    gaps: Shapes
    places_m: Floats
    radius_m: float | None
    labels: Sequence[tuple[shapely.Point, str]] = ()


def draw(sheet: AuditSheet, *, language: str) -> bytes:
    """The map as a PNG. Raises ReportUnavailable where the machine has no Chinese font."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_aspect("equal")
    for shapes, style in (
        (sheet.covered, {"facecolors": COVERED, "edgecolors": BORDER, "linewidths": 0.5}),
        (sheet.uncovered, {"facecolors": UNCOVERED, "edgecolors": BORDER, "linewidths": 0.5}),
        (sheet.gaps, {"facecolors": GAP, "edgecolors": "none", "alpha": 0.65}),
    ):
        axes.add_collection(PathCollection(_outlines(shapes), **style))
    if sheet.radius_m is not None and len(sheet.places_m) <= CIRCLES_AT_MOST:
        across = np.full(len(sheet.places_m), 2 * sheet.radius_m)
        axes.add_collection(
            EllipseCollection(
                across, across, np.zeros(len(across)), units="xy", offsets=sheet.places_m, offset_transform=axes.transData,
                facecolors="none", edgecolors=CIRCLE, linewidths=0.5, alpha=0.8,
            )
        )  # fmt: skip
    axes.scatter(sheet.places_m[:, 0], sheet.places_m[:, 1], s=5, color=PLACE, linewidths=0, zorder=3)
    _fit(axes, sheet)
    for point, words in sheet.labels:
        axes.text(point.x, point.y, words, ha="center", va="center", fontsize=7, family=chinese_font(), zorder=4)
    furnish(axes, _legend(sheet, language), north=WORDS[language]["north"])
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    return drawn.getvalue()


def _outlines(shapes: Shapes) -> list[Outline]:
    """Polygons with their holes as one path each."""
    found = []
    for shape in shapely.get_parts(np.asarray(shapes, dtype=object)):
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shape)]
        codes = [np.full(len(ring), Outline.LINETO, np.uint8) for ring in rings]
        for code in codes:
            code[0], code[-1] = Outline.MOVETO, Outline.CLOSEPOLY
        found.append(Outline(np.concatenate(rings), np.concatenate(codes)))
    return found


def _fit(axes: Any, sheet: AuditSheet) -> None:
    """The units with a margin, widened to the sheet's own proportions."""
    west, south, east, north = shapely.total_bounds(np.concatenate([sheet.covered, sheet.uncovered]))
    width, height = (east - west) * (1 + 2 * MARGIN), (north - south) * (1 + 2 * MARGIN)
    width, height = max(width, height * WIDTH_IN / HEIGHT_IN), max(height, width * HEIGHT_IN / WIDTH_IN)
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - width / 2, x + width / 2)
    axes.set_ylim(y - height / 2, y + height / 2)


def _legend(sheet: AuditSheet, language: str) -> list[Any]:
    words = WORDS[language]
    handles: list[Any] = [
        Patch(facecolor=COVERED, edgecolor=BORDER, label=words["covered"]),
        Patch(facecolor=UNCOVERED, edgecolor=BORDER, label=words["uncovered"]),
        Patch(facecolor=GAP, alpha=0.65, label=words["gap"]),
        Line2D([], [], color=PLACE, marker="o", markersize=4, linestyle="none", label=words["place"]),
    ]
    if sheet.radius_m is not None and len(sheet.places_m) <= CIRCLES_AT_MOST:
        label = f"{words['circle']} {sheet.radius_m:,.0f} m"
        handles.append(Line2D([], [], color=CIRCLE, marker="o", markerfacecolor="none", linestyle="none", label=label))
    return handles
