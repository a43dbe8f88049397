"""Dividing an outline into places of given area: a power diagram whose weights are fitted to the areas asked for.

Aurenhammer, Hoffmann, Aronov (1998): for any sites there are weights under which every place has exactly its area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from seed.ground.rings import Floats

FITTING_ROUNDS = 25
NEWTON_STEPS = (1.0, 0.5, 0.25, 0.1)
AREA_TOLERANCE_FRACTION = 0.01
AREA_TOLERANCE_SAMPLES = 2
MOVING_ROUNDS = 12
ROUNDING_ROUNDS = 6
ROUNDING_FRACTION = 0.3
FAR_FACTOR = 12.0
FAR_SITES = 12


@dataclass(frozen=True, eq=False)
class Places:
    """A power diagram: a point belongs to the site with the least |point - site|^2 - weight.

    ``sites`` (N, 2) metres, ``weights`` (N,) m2.
    """

    sites: Floats
    weights: Floats

    def at(self, points: Floats) -> NDArray[np.intp]:
        """(K,) the place of each of the (K, 2) points."""
        power = (self.sites**2).sum(axis=1) - self.weights - 2 * points @ self.sites.T
        return np.asarray(power.argmin(axis=1), dtype=np.intp)

    def borders(self) -> tuple[Floats, NDArray[np.intp], NDArray[np.intp]]:
        """The diagram's corners (C, 2), straight borders (B, 2) as pairs of corners, and their two places (B, 2).

        Borders at the rim run far out.
        """
        sites, weights = _fenced(self.sites, self.weights)
        hull = ConvexHull(np.column_stack([sites, (sites**2).sum(axis=1) - weights]), qhull_options="Qt")
        lower = hull.equations[:, 2] < 0
        corners = -0.5 * hull.equations[lower, :2] / hull.equations[lower, 2:3]
        facets = np.repeat(np.flatnonzero(lower), 3)
        others = hull.neighbors[lower].ravel()
        pairs = hull.simplices[facets[::3]][:, [[1, 2], [0, 2], [0, 1]]].reshape(-1, 2)
        real = (facets < others) & lower[others] & (pairs < len(self.sites)).all(axis=1)
        number = np.cumsum(lower) - 1
        return corners, np.column_stack([number[facets[real]], number[others[real]]]), pairs[real]


def fit_places(samples: Floats, areas_m2: Floats, wanted: Floats, *, rng: np.random.Generator) -> Places:
    """Divide the ground under ``samples`` (K, 2), metres, spread evenly over it, into places of ``areas_m2`` (N,).

    ``wanted`` (N, 2) holds a point that should come to lie in each place; a row of NaN lets the place drift to where
    the division is most compact (Lloyd's rule).
    """
    free = np.isnan(wanted[:, 0])
    places = Places(_spread(samples, wanted, free, rng=rng), np.zeros(len(areas_m2)))
    places = _fitted(samples, areas_m2, places)
    best, fewest = places, np.inf
    for _ in range(MOVING_ROUNDS):
        missed = _missed(places, wanted)
        if missed.sum() < fewest or free.any():
            best, fewest = places, missed.sum()
        if fewest == 0 and not free.any():
            break
        places = _fitted(samples, areas_m2, _steered(samples, places, wanted, missed))
    return _rounded(samples, areas_m2, best, wanted)


def _rounded(samples: Floats, areas_m2: Floats, places: Places, wanted: Floats) -> Places:
    """Make places rounder by moving sites toward their middles, as long as no further point is missed."""
    fewest = _missed(places, wanted).sum()
    for _ in range(ROUNDING_ROUNDS):
        nearer = places.sites + ROUNDING_FRACTION * (_middles(samples, places) - places.sites)
        rounder = _fitted(samples, areas_m2, Places(nearer, places.weights))
        if _missed(rounder, wanted).sum() > fewest:
            break
        places = rounder
    return places


def _steered(samples: Floats, places: Places, wanted: Floats, missed: NDArray[np.bool_]) -> Places:
    """Move free sites to the middle of their place, and sites that miss their point so that the place follows.

    A small place beside a large one is pushed off its own point; steering by the error brings it back. Sites that hold
    their point stay: steering all of them at once sways without end.
    """
    middles = _middles(samples, places)
    goal = np.where(np.isnan(wanted), middles, places.sites + 0.5 * (wanted - middles) * missed[:, None])
    return Places(goal, places.weights)


def _fitted(samples: Floats, areas_m2: Floats, places: Places) -> Places:
    """Find the weights that give every place its area, by damped Newton steps (Kitagawa, Merigot, Thibert 2019)."""
    sample_m2 = float(areas_m2.sum()) / len(samples)
    slack_m2 = np.maximum(AREA_TOLERANCE_FRACTION * areas_m2, AREA_TOLERANCE_SAMPLES * sample_m2)
    lack_m2 = areas_m2 - sample_m2 * _counts(samples, places)
    for _ in range(FITTING_ROUNDS):
        if (np.abs(lack_m2) < slack_m2).all():
            break
        stride = np.clip(_newton_stride(samples, places, lack_m2), -areas_m2.mean(), areas_m2.mean())
        for step in NEWTON_STEPS:
            trial = Places(places.sites, places.weights + step * stride)
            trial_lack_m2 = areas_m2 - sample_m2 * _counts(samples, trial)
            if np.abs(trial_lack_m2).sum() < np.abs(lack_m2).sum():
                break
        places, lack_m2 = trial, trial_lack_m2
    return places


def _newton_stride(samples: Floats, places: Places, lack_m2: Floats) -> Floats:
    """(N,) change of weights that would cure the lack of area if borders kept their lengths.

    Raising a weight moves the border to a neighbour outwards by 1 / (2 distance); so much ground times its length is
    won.
    """
    corners, borders, pairs = places.borders()
    frame = (*samples.min(axis=0), *samples.max(axis=0))
    length = (
        shapely.length(shapely.clip_by_rect(shapely.linestrings(corners[borders]), *frame))
        if len(borders)
        else np.empty(0)
    )
    distance = np.hypot(*(places.sites[pairs[:, 0]] - places.sites[pairs[:, 1]]).T)
    matrix = np.zeros((len(lack_m2), len(lack_m2)))
    np.add.at(matrix, (pairs[:, 0], pairs[:, 1]), -0.5 * length / np.maximum(distance, 1e-9))
    matrix += matrix.T
    won = -matrix.sum(axis=1)
    matrix[np.diag_indices_from(matrix)] = won + 1e-3 * max(float(won.max(initial=0)), 1e-9)
    return np.asarray(np.linalg.solve(matrix, lack_m2))


def _counts(samples: Floats, places: Places) -> NDArray[np.intp]:
    return np.bincount(places.at(samples), minlength=len(places.sites))


def _spread(samples: Floats, wanted: Floats, free: NDArray[np.bool_], *, rng: np.random.Generator) -> Floats:
    """Sites to begin with: the wanted points, then again and again the sample farthest from every site so far."""
    sites = wanted.copy()
    first = rng.integers(len(samples))
    far = np.full(len(samples), np.inf)
    for row in [*np.flatnonzero(~free), *np.flatnonzero(free)]:
        if free[row]:
            sites[row] = samples[far.argmax() if np.isfinite(far[0]) else first]
        far = np.minimum(far, ((samples - sites[row]) ** 2).sum(axis=1))
    return sites


def _middles(samples: Floats, places: Places) -> Floats:
    owner, count = places.at(samples), len(places.sites)
    size = np.maximum(np.bincount(owner, minlength=count), 1)
    sums = [np.bincount(owner, weights=samples[:, axis], minlength=count) for axis in (0, 1)]
    return np.column_stack(sums) / size[:, None]


def _missed(places: Places, wanted: Floats) -> NDArray[np.bool_]:
    """(N,) which wanted points lie in somebody else's place."""
    missed = places.at(np.nan_to_num(wanted)) != np.arange(len(wanted))
    return np.asarray(missed & ~np.isnan(wanted[:, 0]))


def _fenced(sites: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Add a far ring of strangers, so that every real border has two ends."""
    middle = sites.mean(axis=0)
    reach = FAR_FACTOR * (np.hypot(*(sites - middle).T).max() + np.sqrt(np.abs(weights).max()) + 1)
    turn = np.linspace(0, 2 * np.pi, FAR_SITES, endpoint=False) + 0.1
    far = middle + reach * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.vstack([sites, far]), np.append(weights, np.full(FAR_SITES, weights.min()))
