"""Places for the names of curves in crowded axes: beside their curve, clear of other names and, if possible, of lines.

Each name takes, in turn, the cheapest of many places along its curve. A place where it leaves the axes or meets a name
that is there already is never taken. Lines that it would cover, a neighbour of the same colour that it could be read
as the name of, and the distance from its own curve cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: Pixels: between samples of a line, between places tried along it, and between a name and a line, the axes or a name.
_STEP, _STRIDE, _GAP = 2.0, 8.0, 3.0
#: Further distances from the curve, pixels; from `_LEADER` on a thin line leads from the name to its curve.
_OFFSETS, _LEADER = (0.0, 6.0, 14.0, 28.0, 50.0, 80.0), 28.0
#: Costs of covering lines all along the name, of nearness to a line of the same colour, of a leader, of 100 pixels of
#: distance, of a place at the end of the curve, and of an upright name.
_COVER, _MISTAKE, _LEAD, _FAR, _EDGE, _UPRIGHT = 12.0, 1.5, 1.5, 2.0, 0.3, 0.4


@dataclass(frozen=True, eq=False)
class Name:
    """A name to be placed.

    Attributes
    ----------
    paths : list of arrays, shape (n, 2)
        Parts of the curves it names that are inside the axes, pixels.
    size : (float, float)
        Width and height of the text without rotation, pixels.
    colour : str
    """

    paths: list[Array]
    size: tuple[float, float]
    colour: str


@dataclass(frozen=True, eq=False)
class Places:
    """Places of a name, and the point of the curve each belongs to.

    Attributes
    ----------
    centre, anchor : array, shape (n, 2)
        Pixels.
    angle : array, shape (n,)
        Rotation, degrees.
    cost : array, shape (n,)
    leader : array of bool, shape (n,)
        Whether a line leads from the name to its curve.
    """

    centre: Array
    anchor: Array
    angle: Array
    cost: Array
    leader: Mask

    def half_size(self, size: tuple[float, float]) -> Array:
        """Half width and half height of the upright boxes around the rotated texts, shape (n, 2)."""
        cos, sin = np.abs(np.cos(np.radians(self.angle))), np.abs(np.sin(np.radians(self.angle)))
        width, height = size
        return 0.5 * np.column_stack([width * cos + height * sin, width * sin + height * cos])

    def __getitem__(self, kept: Mask | int) -> Places:
        return Places(self.centre[kept], self.anchor[kept], self.angle[kept], self.cost[kept], self.leader[kept])


def even_steps(path: Array, step: float = _STEP) -> Array:
    """Points of a path at even steps of its length, shape (n, 2)."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    steps = np.linspace(0.0, length[-1], max(int(length[-1] / step), 1) + 1)
    return np.column_stack([np.interp(steps, length, path[:, k]) for k in (0, 1)])


def place_names(
    names: Sequence[Name], lines: Sequence[tuple[str, Array]], low: Array, high: Array
) -> list[Places | None]:
    """Choose a place for each name.

    Parameters
    ----------
    names : sequence of Name
    lines : sequence of (colour, path)
        All that is drawn, pixels.
    low, high : array, shape (2,)
        Corners of the axes, pixels.

    Returns
    -------
    list of Places or None
        One place for each name; None where there is no room.
    """
    drawn: dict[str, Mask] = {}
    for colour, path in lines:
        drawn[colour] = drawn.get(colour, _blank(low, high)) | _trace([path], low, high)
    everything = _thicken(np.logical_or.reduce(list(drawn.values())), int(_GAP) - 1)
    order = sorted(range(len(names)), key=lambda k: sum(len(path) for path in names[k].paths))
    boxes: list[Array] = []
    chosen: list[Places | None] = [None] * len(names)
    for k in order:
        name = names[k]
        own = _thicken(_trace(name.paths, low, high), int(2 * _GAP))
        other = _thicken(drawn[name.colour] & ~own, int(name.size[1]))
        places = _candidates(name)
        half = places.half_size(name.size)
        free = np.all((places.centre - half > low + _GAP) & (places.centre + half < high - _GAP), axis=1)
        for box in boxes:
            apart = np.abs(places.centre - box[:2]) > half + box[2:] + _GAP
            free &= apart.any(axis=1)
        if not free.any():
            continue
        places = places[free]
        points = _points_of(places, name.size) - low
        cost = _COVER * _covered(everything, points) + _MISTAKE * _covered(other, points)
        best = int(np.argmin(places.cost + cost))
        place = places[np.arange(len(cost)) == best]
        chosen[k] = place
        boxes.append(np.concatenate([place.centre[0], place.half_size(name.size)[0]]))
    return chosen


def _candidates(name: Name) -> Places:
    """Places along the curve and beside it, level and upright."""
    found = []
    for path in name.paths:
        reach = max(int(0.5 * name.size[0] / _STEP), 1)
        at = np.arange(0, len(path), int(_STRIDE / _STEP))
        low, high = path[np.maximum(at - reach, 0)], path[np.minimum(at + reach, len(path) - 1)]
        along = np.degrees(np.arctan2(high[:, 1] - low[:, 1], high[:, 0] - low[:, 0]))
        along = (along + 90.0) % 180.0 - 90.0
        edge = _EDGE * np.abs(2.0 * at / max(len(path) - 1, 1) - 1.0)
        for further in _OFFSETS:
            for side in (1.0, -1.0):
                found.append(_beside(name, path[at], along, edge, further, np.full(len(at), side * 90.0) + along))
            for direction in (0.0, 45.0, 90.0, 135.0, 180.0, 225.0, 270.0, 315.0):
                level = np.zeros(len(at))
                found.append(_beside(name, path[at], level, edge + 0.1, further, np.full(len(at), direction)))
    return Places(*(np.concatenate([getattr(p, field) for p in found]) for field in Places.__dataclass_fields__))


def _beside(name: Name, anchor: Array, angle: Array, edge: Array, further: float, direction: Array) -> Places:
    """Texts of a rotation whose edge is at a distance from the anchors in a direction (degrees)."""
    toward = np.column_stack([np.cos(np.radians(direction)), np.sin(np.radians(direction))])
    turned = np.radians(direction - angle)
    width, height = name.size
    with np.errstate(divide="ignore"):
        inside = 0.5 * np.minimum(width / np.abs(np.cos(turned)), height / np.abs(np.sin(turned)))
    centre = anchor + toward * (inside + _GAP + further)[:, None]
    leader = np.full(len(anchor), further >= _LEADER)
    cost = edge + _FAR * further / 100.0 + _UPRIGHT * (np.abs(angle) / 90.0) ** 2 + _LEAD * leader
    return Places(centre, anchor, angle, cost, leader)


def _points_of(places: Places, size: tuple[float, float]) -> Array:
    """Points of the texts, shape (n, m, 2)."""
    u = np.linspace(-0.5, 0.5, max(int(size[0] / 4.0), 4)) * size[0]
    v = np.linspace(-0.5, 0.5, 5) * size[1]
    u, v = (a.ravel() for a in np.meshgrid(u, v))
    cos, sin = np.cos(np.radians(places.angle))[:, None], np.sin(np.radians(places.angle))[:, None]
    turned = np.stack([u * cos - v * sin, u * sin + v * cos], axis=-1)
    return np.asarray(places.centre[:, None, :] + turned)


def _blank(low: Array, high: Array) -> Mask:
    width, height = np.ceil(high - low).astype(int) + 1
    return np.zeros((height, width), dtype=bool)


def _trace(paths: Sequence[Array], low: Array, high: Array) -> Mask:
    """Pixels that paths touch."""
    image = _blank(low, high)
    for path in paths:
        x, y = np.round(even_steps(path, 0.7) - low).astype(int).T
        inside = (x >= 0) & (y >= 0) & (x < image.shape[1]) & (y < image.shape[0])
        image[y[inside], x[inside]] = True
    return image


def _thicken(image: Mask, by: int) -> Mask:
    """Pixels within a distance, in x and in y, of those set."""
    for axis in (0, 1):
        count = np.cumsum(np.pad(image.astype(np.int64), [(by + 1, by) if k == axis else (0, 0) for k in (0, 1)]), axis)
        n = image.shape[axis]
        ends = [
            np.take(count, np.minimum(np.arange(n) + shift, count.shape[axis] - 1), axis) for shift in (2 * by + 1, 0)
        ]
        image = ends[0] > ends[1]
    return image


def _covered(image: Mask, points: Array) -> Array:
    """Share of the points of each text that are set in an image."""
    x, y = np.round(points).astype(int).transpose(2, 0, 1)
    return np.asarray(image[y, x].mean(axis=1))
