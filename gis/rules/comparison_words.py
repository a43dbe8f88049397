"""A comparison in sentences with figures, for the paper that a decision rests on."""

from dataclasses import dataclass

from gis.records import Name
from gis.rules.comparison import Amounts, Comparison, Fairness


@dataclass(frozen=True)
class Totals:
    """A comparison in figures. `variation` is the mean over the communities, `deviation` the largest; pairs are (before, after)."""

    grids: tuple[int, int]
    changed: int
    new: int
    ended: int
    attributes: int
    moved: Amounts
    staff_moved: int
    staff_concerned: int
    communities: int
    towns: int
    variation: tuple[float, float]
    deviation: tuple[float, float]
    variation_touched: tuple[float, float]

    @property
    def is_same(self) -> bool:
        """Whether the plans differ in nothing."""
        return not (self.changed or self.new or self.ended or self.attributes)


def totals(found: Comparison) -> Totals:
    """The figures of a comparison. Who is posted on a grid that the second plan ends has to move."""
    count = {
        status: sum(change.status == status for change in found.changes) for status in ("changed", "new", "ended", "attributes")
    }
    touched = [area for area in found.communities if area.moved.cells]
    staff = [(change.before.staff if change.before else 0, change.after.staff if change.after else 0) for change in found.changes]
    return Totals(
        grids=(sum(area.grids[0] for area in found.communities), sum(area.grids[1] for area in found.communities)),
        **count,
        moved=sum((flow.amounts for flow in found.flows), Amounts()),
        staff_moved=sum(max(0, before - after) for before, after in staff),
        staff_concerned=sum(after for _, after in staff),
        communities=len(touched),
        towns=sum(bool(area.moved.cells) for area in found.towns),
        variation=(_mean(found.communities, 0), _mean(found.communities, 1)),
        deviation=(_largest(found.communities, 0), _largest(found.communities, 1)),
        variation_touched=(_mean(touched, 0), _mean(touched, 1)),
    )


def _mean(areas: tuple[Fairness, ...] | list[Fairness], at: int) -> float:
    return sum(area.variation[at] for area in areas) / len(areas) if areas else 0.0


def _largest(areas: tuple[Fairness, ...], at: int) -> float:
    return max((area.deviation[at] for area in areas), default=0.0)


def sentences(found: Totals, *, before: Name, after: Name) -> list[Name]:
    """What changes, sentence by sentence, in both languages."""
    if found.is_same:
        return [Name(f"“{before.zh}”与“{after.zh}”的网格完全相同。", f"“{before.en}” and “{after.en}” are the same, grid by grid.")]
    return [_extent(found, before, after), _moved(found), _staff(found), *_fairness(found)]


def _extent(found: Totals, before: Name, after: Name) -> Name:
    grids, new_grids = found.grids
    return Name(
        f"与“{before.zh}”相比，“{after.zh}”调整{found.towns}个镇街、{found.communities}个村（社区）的网格："
        f"{found.changed}个网格范围有变，新设{found.new}个，撤销{found.ended}个；网格总数由{grids:,}个变为{new_grids:,}个。",
        f"Against “{before.en}”, “{after.en}” redraws grids in {_n(found.communities, 'community', 'communities')} of "
        f"{_n(found.towns, 'town')}: {_n(found.changed, 'grid')} changed, {found.new} new, {found.ended} ended; "
        f"{grids:,} grids become {new_grids:,}.",
    )


def _moved(found: Totals) -> Name:
    moved, km2 = found.moved, found.moved.area_m2 / 1e6
    return Name(
        f"共{moved.cells:,}个基本单元（{km2:.2f} km²）换了网格，涉及居民{moved.population:,}人、{moved.households:,}户，"
        f"每月工作量{moved.hours:,.0f}标准工时，统计期内事件{moved.incidents:,}件。",
        f"{_n(moved.cells, 'basic unit')} ({km2:.2f} km²) pass to another grid, with {_n(moved.population, 'resident')} in "
        f"{_n(moved.households, 'household')}, {moved.hours:,.0f} standard hours of work a month, and "
        f"{_n(moved.incidents, 'incident')} in the period counted.",
    )


def _staff(found: Totals) -> Name:
    return Name(
        f"{found.staff_moved:,}名网格人员因所在网格撤销需要调岗；另有{found.staff_concerned:,}名人员的网格范围有变。",
        f"{_n(found.staff_moved, 'officer')} must move because their grids end; "
        f"the grids of {found.staff_concerned:,} more change.",
    )


def _fairness(found: Totals) -> list[Name]:
    (old, new), (worst, best) = found.variation_touched, found.deviation
    zh, en = _by_how_much(old, new)
    return [
        Name(
            f"调整的村（社区）内各网格工作量的变异系数平均由{old:.3f}变为{new:.3f}{zh}；"
            f"全部村（社区）平均由{found.variation[0]:.3f}变为{found.variation[1]:.3f}。",
            f"Within the communities redrawn, the coefficient of variation of the grids' hours goes from {old:.3f} to {new:.3f} on "
            f"average{en}; over all communities from {found.variation[0]:.3f} to {found.variation[1]:.3f}.",
        ),
        Name(
            f"网格工作量偏离本村（社区）平均值最多的，由{worst:.0%}变为{best:.0%}。",
            f"The largest deviation of a grid from the mean of its community goes from {worst:.0%} to {best:.0%}.",
        ),
    ]


def _by_how_much(old: float, new: float) -> tuple[str, str]:
    """How much less or more something is, in brackets; nothing where it is the same, or where there was none before."""
    told = f"{abs(new - old) / old:.0%}" if old else "0%"
    if told == "0%":
        return "", ""
    return (f"（下降{told}）", f" ({told} less)") if new < old else (f"（上升{told}）", f" ({told} more)")


def _n(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"
