"""Maps to print: a sheet with the ground that changes hands, its legend, a scale bar and a north arrow."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gis.errors import ReportUnavailable
from gis.records import Shapes

WIDTH_IN, HEIGHT_IN, DPI = 10.4, 6.6, 150
MARGIN = 0.04
SCALE_FRACTION = 0.22  # of the map's width, at most
LABELS_AT_MOST = 400
LEAVES, CHANGED, SAME, ENDED = "#d98a1f", "#1b2b44", "#a7b1bd", "#b3341b"
CHINESE_FONTS: Final = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "Microsoft YaHei", "SimHei", "PingFang SC",
)  # fmt: skip


@dataclass(frozen=True)
class MapSheet:
    """What a map shows, in metres of the city's zone: grids before and after, ground that changes hands, areas' outlines."""

    frame: Shapes
    before: Shapes
    after: Shapes
    ground: Shapes
    labels: Sequence[tuple[shapely.Point, str]] = ()


WORDS: Final = {
    "zh": {"ground": "换网格的地块", "after": "调整后的网格", "before": "取消的网格界线", "frame": "行政区界", "north": "北"},
    "en": {
        "ground": "Ground that changes hands", "after": "Grids after", "before": "Borders that end", "frame": "Borders of areas",
        "north": "N",
    },
}


def draw(sheet: MapSheet, *, language: str) -> bytes:
    """The map as a PNG. Raises ReportUnavailable where the machine has no Chinese font."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_aspect("equal")
    fill = {"facecolors": LEAVES, "edgecolors": "none", "alpha": 0.75}
    for shapes, style in (
        (sheet.ground, fill),
        (sheet.before, {"facecolors": "none", "edgecolors": ENDED, "linewidths": 0.9, "linestyles": (0, (4, 3))}),
        (sheet.after, {"facecolors": "none", "edgecolors": CHANGED, "linewidths": 1.0}),  # above: what stays is not dashed
        (sheet.frame, {"facecolors": "none", "edgecolors": SAME if len(sheet.after) else CHANGED, "linewidths": 1.6}),
    ):
        axes.add_collection(PolyCollection(_rings(shapes), closed=True, **style))
    _fit(axes, sheet)
    for point, words in sheet.labels[:LABELS_AT_MOST]:
        axes.text(point.x, point.y, words, ha="center", va="center", fontsize=7, family=chinese_font())
    _furnish(axes, language=language, with_grids=bool(len(sheet.after)))
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png")
    return drawn.getvalue()


def _rings(shapes: Shapes) -> list[np.ndarray]:
    """The outer rings of polygons: grids and areas are drawn as lines, moved ground has no holes worth showing."""
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    return [shapely.get_coordinates(ring) for ring in shapely.get_exterior_ring(parts)]


def _fit(axes: Any, sheet: MapSheet) -> None:
    """The frame with a margin, widened to the sheet's own proportions so that the furniture has room."""
    west, south, east, north = shapely.total_bounds(sheet.frame)
    width, height = (east - west) * (1 + 2 * MARGIN), (north - south) * (1 + 2 * MARGIN)
    width, height = max(width, height * WIDTH_IN / HEIGHT_IN), max(height, width * HEIGHT_IN / WIDTH_IN)
    x, y = (west + east) / 2, (south + north) / 2
    axes.set_xlim(x - width / 2, x + width / 2)
    axes.set_ylim(y - height / 2, y + height / 2)


def _furnish(axes: Any, *, language: str, with_grids: bool) -> None:
    words = WORDS[language]
    handles: list[Any] = [Patch(facecolor=LEAVES, alpha=0.75, label=words["ground"])]
    if with_grids:
        handles += [
            Line2D([], [], color=CHANGED, linewidth=1, label=words["after"]),
            Line2D([], [], color=ENDED, linewidth=1, linestyle=(0, (4, 3)), label=words["before"]),
        ]
    handles.append(Line2D([], [], color=SAME if with_grids else CHANGED, linewidth=1.6, label=words["frame"]))
    furnish(axes, handles, north=words["north"])


def furnish(axes: Any, handles: Sequence[Any], *, north: str) -> None:
    """Legend, scale bar and north arrow."""
    font = chinese_font()
    axes.legend(handles=handles, loc="upper left", fontsize=8, framealpha=0.92, prop={"family": font, "size": 8})
    (west, east), (south, top) = axes.get_xlim(), axes.get_ylim()
    length_m = scale_length_m((east - west) * SCALE_FRACTION)
    x, y = west + 0.03 * (east - west), south + 0.035 * (top - south)
    axes.plot([x, x + length_m / 2], [y, y], color="black", linewidth=4, solid_capstyle="butt")
    axes.plot([x + length_m / 2, x + length_m], [y, y], color="#9aa4b1", linewidth=4, solid_capstyle="butt")
    shown = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    axes.text(x + length_m, y + 0.012 * (top - south), shown, fontsize=8, ha="right", va="bottom", family=font)
    tip, right = top - 0.03 * (top - south), east - 0.04 * (east - west)
    arrow = {"arrowstyle": "-|>", "linewidth": 1.4, "color": "black"}
    axes.annotate("", xy=(right, tip), xytext=(right, tip - 0.09 * (top - south)), arrowprops=arrow)
    axes.text(right, tip - 0.1 * (top - south), north, fontsize=9, ha="center", va="top", family=font)


def scale_length_m(most_m: float) -> float:
    """The longest round length, 1, 2 or 5 with zeros, that is no longer than `most_m`."""
    unit = 10.0 ** np.floor(np.log10(most_m))
    return float(max(step * unit for step in (1, 2, 5) if step * unit <= most_m))


@lru_cache(maxsize=1)
def chinese_font() -> list[str]:
    """The families that maps are lettered in: a Chinese one first. Raises ReportUnavailable where there is none."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    found = [name for name in CHINESE_FONTS if name in installed]
    if not found:
        raise ReportUnavailable("This machine has no Chinese font for maps: install one, such as Noto Sans CJK.")
    return [found[0], "DejaVu Sans"]
