"""Who works where when a plan comes into force: everybody stays who can, and every grid has a manager."""

from collections.abc import Sequence

import numpy as np
import shapely

from gis.publication_records import PlanFinding, Post, PostMove, Redrawn, Turnover
from gis.records import Ints
from gis.rules.findings import ERROR
from gis.rules.publication import label_of
from gis.rules.staff_moves import Ground, heirs, moves

PATROL = ("manager", "assistant")  # the roles of those who go round a grid
_NEW = -1_000_000_000  # key of the grid at position 0 that is new; the next ones lie below


def carry_over(posts: Sequence[Post], turnover: Turnover, redrawn: Redrawn) -> list[PostMove]:
    """Every post that is on another grid, or in another role, under the plan to come.

    Who works a grid that lives on stays; who worked one that ends goes where most of its work goes. A grid that nobody goes
    round takes the nearest who is one of several, and each grid has one manager.
    """
    keys = np.where(redrawn.lives_on > 0, redrawn.lives_on, _NEW - np.arange(len(redrawn.key)))
    ground = _ground(redrawn, keys, turnover)
    heir = heirs(turnover.before, keys[redrawn.position], weight=turnover.after.hours)
    position = {key: at for at, key in enumerate(keys.tolist())}
    patrol = sorted((post for post in posts if post.role in PATROL), key=lambda post: (post.role != "manager", post.number))
    others = [post for post in posts if post.role not in PATROL]
    places = _placed(patrol, heir, ground, position)
    led = {post.posting_id: role for post, role in zip(patrol, _roles(patrol, places, keys), strict=True)}
    places += [position[heir.get(post.grid_id, post.grid_id)] for post in others]
    found = []
    for post, to in zip([*patrol, *others], places, strict=True):
        role = led.get(post.posting_id, post.role)
        if keys[to] != post.grid_id or role != post.role:
            found.append(PostMove(post, to, role))
    return found


def _ground(redrawn: Redrawn, keys: Ints, turnover: Turnover) -> Ground:
    town = [turnover.communities[grid.community_id].town for grid in redrawn.grids]
    return Ground(keys, np.array(town, dtype=np.int64), shapely.get_coordinates(shapely.centroid(redrawn.shape_m)))


def _placed(posts: Sequence[Post], heir: dict[int, int], ground: Ground, position: dict[int, int]) -> list[int]:
    staff = np.arange(len(posts))
    before = np.array([post.grid_id for post in posts], dtype=np.int64)
    worked = np.unique(before)
    if np.isin(worked, ground.key).all() and np.isin(ground.key, worked).all():
        return [position[post.grid_id] for post in posts]  # nobody need go anywhere
    gone = {move.staff_id: move.to_key for move in moves(staff, before, heir=heir, ground=ground)}
    return [position[gone.get(i) or heir.get(post.grid_id, post.grid_id)] for i, post in enumerate(posts)]


def _roles(posts: Sequence[Post], places: Sequence[int], keys: Ints) -> list[str]:
    """Manager for the first of each grid, of those who led it before, then of those who led another; assistant for the others."""
    order = sorted(range(len(posts)), key=lambda i: (posts[i].role != "manager", posts[i].grid_id != keys[places[i]], i))
    roles, led = ["assistant"] * len(posts), set()
    for i in order:
        if places[i] not in led:
            led.add(places[i])
            roles[i] = "manager"
    return roles


def staffing_findings(posts: Sequence[Post], carried: Sequence[PostMove], redrawn: Redrawn) -> list[PlanFinding]:
    """Every grid that would have no manager."""
    moved = {move.post.posting_id for move in carried}
    led = {move.to for move in carried if move.role == "manager"}
    at = {key: i for i, key in enumerate(redrawn.lives_on.tolist()) if key > 0}
    led |= {at[post.grid_id] for post in posts if post.role == "manager" and post.posting_id not in moved and post.grid_id in at}
    return [_unstaffed(redrawn, i) for i in range(len(redrawn.key)) if i not in led]


def _unstaffed(redrawn: Redrawn, position: int) -> PlanFinding:
    label, place = label_of(redrawn.grids[position]), shapely.point_on_surface(redrawn.shape[position])
    return PlanFinding("unstaffed", ERROR, f"Nobody would manage grid {label}.", (label,), place.x, place.y)
