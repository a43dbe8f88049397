"""Colours that stay apart for every eye: sequential ramps for classes, and marks for kinds.

Ramps run from light to dark through a few anchors, interpolated in OKLab, where equal steps look equal. Lightness
falls strictly, so a ramp can be read in grey and by people with any colour vision deficiency (tests prove both).
"""

from collections.abc import Sequence
from itertools import pairwise, product
from typing import Final

Lab = tuple[float, float, float]

RAMPS: Final[dict[str, tuple[str, ...]]] = {
    "water": ("#e9f3f2", "#8cc3cf", "#3583b0", "#1c4d84"),
    "plum": ("#f4eef7", "#c9a9d6", "#9562ad", "#5c2a7c"),
    "moss": ("#eff5e6", "#acd18a", "#56994f", "#22603a"),
    "ember": ("#fdf1e1", "#f6bc7c", "#dd6a34", "#94321c"),
    "slate": ("#eff1f4", "#b4bdca", "#728196", "#3d4a5c"),
}
RAMP_OF_MEASURE: Final = {
    "population": "water",
    "density": "plum",
    "staff": "moss",
    "incidents": "ember",
    "area": "slate",
}
# From far below what is fair to far above it: blue, a grey that stays out of the way, orange. Apart for every colour vision.
DIVERGING: Final = ("#1d4e80", "#5a93c0", "#b5d0e4", "#f1f0ec", "#f5c896", "#dd8436", "#93410c")
LEAST_CLASSES: Final = 2
MOST_CLASSES: Final = 9

# Okabe and Ito's set, without black and with its yellow darkened so that it holds on white.
MARK_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#a8467e", "#8a6d00", "#3a8fc4", "#5a4fa2", "#b07000")
MARK_SHAPES: Final = ("circle", "square", "diamond", "triangle")


def sequential(name: str, classes: int) -> list[str]:
    """The colours of a ramp in so many classes, light to dark, as ``#rrggbb``. Raises KeyError, ValueError."""
    if not LEAST_CLASSES <= classes <= MOST_CLASSES:
        raise ValueError(f"A ramp has {LEAST_CLASSES} to {MOST_CLASSES} classes, not {classes}.")
    anchors = [_oklab(colour) for colour in RAMPS[name]]
    return [_hex(_along(anchors, step / (classes - 1))) for step in range(classes)]


def ramps(classes: Sequence[int] = range(LEAST_CLASSES, MOST_CLASSES + 1)) -> dict[str, dict[int, list[str]]]:
    """Every measure's colours by number of classes: what a page needs to colour without asking again."""
    return {measure: {n: sequential(ramp, n) for n in classes} for measure, ramp in RAMP_OF_MEASURE.items()}


def marks() -> list[tuple[str, str]]:
    """Pairs (shape, colour) for kinds of things, in the order to hand them out: colours first, then shapes."""
    return [(shape, colour) for shape, colour in product(MARK_SHAPES, MARK_COLOURS)]


def lightness(colour: str) -> float:
    """OKLab lightness of ``#rrggbb``: 0 black to 1 white."""
    return _oklab(colour)[0]


def _along(anchors: list[Lab], fraction: float) -> Lab:
    """The colour at a fraction of the lightness between the first and the last anchor."""
    wanted = anchors[0][0] + fraction * (anchors[-1][0] - anchors[0][0])
    for upper, lower in pairwise(anchors):
        if upper[0] >= wanted >= lower[0]:
            share = (upper[0] - wanted) / (upper[0] - lower[0])
            return _blend(upper, lower, share)
    return anchors[-1] if fraction > 0 else anchors[0]


def _blend(one: Lab, other: Lab, share: float) -> Lab:
    return (
        one[0] + share * (other[0] - one[0]),
        one[1] + share * (other[1] - one[1]),
        one[2] + share * (other[2] - one[2]),
    )


def _oklab(colour: str) -> Lab:
    """OKLab of an sRGB colour (Ottosson 2020)."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _hex(lab: Lab) -> str:
    """sRGB ``#rrggbb`` of OKLab; what lies outside the gamut is clipped."""
    lightness_, a, b = lab
    long = (lightness_ + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness_ - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness_ - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, c)))):02x}" for c in channels)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
