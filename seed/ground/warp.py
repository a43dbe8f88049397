"""Bending ground the way rivers and hills bend borders: layers of smooth swirls, each too gentle to fold the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seed.ground.rings import Floats

WAVES_PER_LAYER = 8
INVERSE_ROUNDS = 8


@dataclass(frozen=True, eq=False)
class Layer:
    """A sum of plane waves: wave numbers (W, 2) per metre, shifts (W, 2) in metres, phases (W,)."""

    waves: Floats
    shifts_m: Floats
    phases: Floats

    def shift(self, points: Floats) -> Floats:
        """(K, 2) metres by which the layer moves each of the (K, 2) points."""
        return np.asarray(np.sin(points @ self.waves.T + self.phases) @ self.shifts_m)


@dataclass(frozen=True, eq=False)
class Warp:
    """Layers applied one after the other. Each is one-to-one in practice, so a division stays a division."""

    layers: tuple[Layer, ...]

    def bend(self, points: Floats) -> Floats:
        """Move (K, 2) points, metres, from the straight map to the bent one."""
        for layer in self.layers:
            points = points + layer.shift(points)
        return points

    def straighten(self, points: Floats) -> Floats:
        """The inverse of ``bend`` by fixed-point rounds, good to a few metres: enough for weighing and labelling."""
        for layer in reversed(self.layers):
            bent = points
            for _ in range(INVERSE_ROUNDS):
                points = bent - layer.shift(points)
        return points


def river_warp(*, longest_m: float, shortest_m: float, slope: float, rng: np.random.Generator) -> Warp:
    """Swirls from the longest to the shortest wavelength, each layer's shorter than the last by a third.

    ``slope`` is the root mean square turn a layer gives to a line: 0.3 is lively, at 0.5 the map begins to fold.
    """
    count = max(1, round(np.log(longest_m / shortest_m) / np.log(1.5)) + 1)
    return Warp(tuple(_layer(longest_m / 1.5**number, slope, rng=rng) for number in range(count)))


def _layer(length_m: float, slope: float, *, rng: np.random.Generator) -> Layer:
    heading, turn, phases = rng.uniform(0, 2 * np.pi, (3, WAVES_PER_LAYER))
    number = 2 * np.pi / (length_m * rng.uniform(0.8, 1.25, WAVES_PER_LAYER))
    size_m = slope * np.sqrt(2 / WAVES_PER_LAYER) / number
    waves = number[:, None] * np.column_stack([np.cos(heading), np.sin(heading)])
    return Layer(waves, size_m[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]), phases)
