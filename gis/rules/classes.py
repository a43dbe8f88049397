"""Class limits for a legend."""

import numpy as np

from gis.records import Floats

CLASSES = 6
ROUND_TO = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def _steps(value: float) -> list[float]:
    power = 10.0 ** np.floor(np.log10(value))
    return [float(f"{step * power:.6g}") for step in ROUND_TO]


def _nearest(value: float) -> float:
    return min(_steps(value), key=lambda step: abs(step - value)) if value > 0 else value


def _above(value: float) -> float:
    return min(step for step in _steps(value) if step >= value * (1 - 1e-12)) if value > 0 else value


def _below(value: float) -> float:
    return max(step for step in _steps(value) if step <= value * (1 + 1e-12)) if value > 0 else value


def class_limits(values: Floats, *, classes: int = CLASSES) -> list[float]:
    """Ascending limits of classes of about equal count, rounded to readable numbers; first and last hold all values.

    Returns [] for no values. Equal limits are merged, so that few distinct values give fewer classes.
    """
    values = values[np.isfinite(values)]
    if not len(values):
        return []
    least, most = float(values.min()), float(values.max())
    inner = [_nearest(float(q)) for q in np.quantile(values, np.linspace(0, 1, classes + 1)[1:-1])]
    low = 0.0 if least < inner[0] / 4 else _below(least)
    high = _above(most)
    limits = sorted({low, high, *(limit for limit in inner if low < limit < high)})
    return limits if len(limits) > 1 else [0.0, high or 1.0]
