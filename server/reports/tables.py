"""The tables of a comparison, as columns with their titles and units in both languages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gis.comparing import Compared
from gis.feature_records import Column
from gis.records import Name, Unit
from gis.rules.comparison import Amounts, Fairness, GridChange, GridState

STATUS: Final = {
    "changed": Name("有变", "Changed"),
    "new": Name("新设", "New"),
    "ended": Name("撤销", "Ended"),
    "attributes": Name("类别或名称", "Kind or name"),
}
AMOUNTS: Final = (
    ("cells", "integer", Name("基本单元", "Basic units"), None),
    ("population", "integer", Name("居民", "Residents"), None),
    ("households", "integer", Name("户数", "Households"), None),
    ("hours", "number", Name("工时", "Hours"), "h/month"),
    ("incidents", "integer", Name("事件", "Incidents"), None),
    ("area_m2", "number", Name("面积", "Area"), "m²"),
)
STATE: Final = (
    *AMOUNTS,
    ("deviation", "number", Name("偏离（本村社区）", "Deviation (community)"), "fraction"),
    ("deviation_town", "number", Name("偏离（本镇街）", "Deviation (town)"), "fraction"),
    ("staff", "integer", Name("人员", "Officers"), None),
)
PLACE: Final = (
    Column("town", "text", Name("镇街", "Town")),
    Column("community", "text", Name("村（社区）", "Community")),
)


@dataclass(frozen=True)
class Sheet:
    """A table: its name, its columns, its rows."""

    name: str
    title: Name
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]


def sheets(compared: Compared, *, language: str) -> list[Sheet]:
    """Every table of a comparison; names of areas in one language."""
    return [grids(compared, language=language), moves(compared, language=language), *_fairness(compared, language=language)]


def grids(compared: Compared, *, language: str) -> Sheet:
    """Every changed grid, before and after, with what it gains and loses."""
    columns = [
        *PLACE, Column("grid", "text", Name("网格", "Grid")), Column("code", "text", Name("代码", "Code")),
        Column("status", "text", Name("变化", "Change")), *_columns("before", Name("调整前", "Before"), STATE),
        *_columns("after", Name("调整后", "After"), STATE), *_columns("gained", Name("划入", "Gained"), AMOUNTS),
        *_columns("lost", Name("划出", "Lost"), AMOUNTS),
    ]  # fmt: skip
    rows = [_grid(compared, change, language) for change in ordered(compared)]
    return Sheet("grids", Name("有变化的网格", "Changed grids"), columns, rows)


def ordered(compared: Compared) -> list[GridChange]:
    """The changed grids by town, community and label."""
    return sorted(
        compared.found.changes, key=lambda change: (compared.place[change.community_id][0].code, compared.label(change.key))
    )


def moves(compared: Compared, *, language: str) -> Sheet:
    """Everything that changes hands, by the grids it goes between."""
    columns = [
        *PLACE, Column("from", "text", Name("原网格", "From")), Column("to", "text", Name("新网格", "To")),
        *(Column(name, kind, title, unit) for name, kind, title, unit in AMOUNTS),
    ]  # fmt: skip
    rows = [
        {
            **_places(compared, flow.community_id, language), "from": compared.label(flow.before), "to": compared.label(flow.after),
            **amounts_row(flow.amounts),
        }
        for flow in compared.found.flows
    ]  # fmt: skip
    return Sheet("moves", Name("换网格的地块", "Ground that changes hands"), columns, rows)


def _fairness(compared: Compared, *, language: str) -> Iterable[Sheet]:
    columns = [
        Column("area", "text", Name("区域", "Area")), Column("code", "text", Name("代码", "Code")),
        *_pair("grids", "integer", Name("网格数", "Grids"), None),
        *_pair("variation", "number", Name("变异系数", "Coefficient of variation"), None),
        *_pair("deviation", "number", Name("最大偏离", "Largest deviation"), "fraction"),
        *(Column(name, kind, title, unit) for name, kind, title, unit in AMOUNTS),
    ]  # fmt: skip
    for name, title, areas in (
        ("communities", Name("村（社区）", "Communities"), compared.found.communities),
        ("towns", Name("镇街", "Towns"), compared.found.towns),
    ):
        yield Sheet(name, title, columns, [_area(compared, area, language) for area in areas if area.moved.cells])


def _area(compared: Compared, area: Fairness, language: str) -> dict[str, Any]:
    unit = compared.place[area.area_id][0]
    pairs = {
        f"{what}_{when}": getattr(area, what)[at]
        for what in ("grids", "variation", "deviation")
        for at, when in enumerate(("before", "after"))
    }
    return {"area": said(unit.name, language), "code": unit.code, **pairs, **amounts_row(area.moved)}


def _grid(compared: Compared, change: GridChange, language: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        **_places(compared, change.community_id, language), "grid": compared.label(change.key), "code": change.grid.code,
        "status": said(STATUS[change.status], language),
    }  # fmt: skip
    for when, state in (("before", change.before), ("after", change.after)):
        row |= {f"{when}_{name}": value for name, value in _state(state).items()}
    for which, amounts in (("gained", change.gained), ("lost", change.lost)):
        row |= {f"{which}_{name}": value for name, value in amounts_row(amounts).items()}
    return row


def _state(state: GridState | None) -> dict[str, Any]:
    if state is None:
        return {name: None for name, *_ in STATE}
    return amounts_row(state.amounts) | {name: getattr(state, name) for name in ("deviation", "deviation_town", "staff")}


def amounts_row(amounts: Amounts) -> dict[str, Any]:
    """What some ground holds, by the names of the columns."""
    return {name: getattr(amounts, name) for name, *_ in AMOUNTS}


def _places(compared: Compared, community_id: int, language: str) -> dict[str, str]:
    units = compared.place[community_id]
    return {"town": said(town_of(units).name, language), "community": said(units[0].name, language)}


def town_of(units: Sequence[Unit]) -> Unit:
    """What a community lies right under."""
    return units[min(1, len(units) - 1)]


def said(name: Name, language: str) -> str:
    """A name in one language."""
    return name.zh if language == "zh" else name.en


def _columns(prefix: str, of: Name, kinds: Iterable[tuple[str, str, Name, str | None]]) -> list[Column]:
    return [
        Column(f"{prefix}_{name}", kind, Name(f"{of.zh} {title.zh}", f"{of.en}: {title.en.lower()}"), unit)
        for name, kind, title, unit in kinds
    ]


def _pair(name: str, kind: str, title: Name, unit: str | None) -> list[Column]:
    return [
        Column(f"{name}_before", kind, Name(f"调整前{title.zh}", f"{title.en} before"), unit),
        Column(f"{name}_after", kind, Name(f"调整后{title.zh}", f"{title.en} after"), unit),
    ]
