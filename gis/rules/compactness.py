"""How round a shape is."""

import numpy as np
import shapely

from gis.records import Floats, Shapes


def polsby_popper(shapes_m: Shapes) -> Floats:
    """Area over that of a circle with the same outline (Polsby and Popper 1991): 1 for a circle; shapes in metres."""
    outline_m = shapely.length(shapes_m)
    score: Floats = np.divide(4 * np.pi * shapely.area(shapes_m), outline_m**2, out=np.zeros(len(shapes_m)), where=outline_m > 0)
    return score
