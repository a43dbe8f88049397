"""What is odd about a question of coverage and must be said with its answer: a code, a sentence in both languages, amounts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gis.records import Name

SAYS: Final[Mapping[str, Name]] = {
    "kind_without_facilities": Name(
        "没有符合条件的“{names}”设施；该类设施不计入。",
        "No facility of the kind {names} is what was asked for; the kind adds nothing."
    ),
    "none_offers": Name("没有一个设施能办理所选的全部服务事项。", "No facility does all of the services asked for."),
    "none_large_enough": Name(
        "{count}个设施符合其他条件，但没有一个达到要求的建筑面积。",
        "{count} facilities fit otherwise, but none is known to have the floor area asked for.",
    ),
    "none_open": Name(
        "{count}个设施符合其他条件，但没有一个在该时间开放。",
        "{count} facilities fit otherwise, but none is known to be open at that time.",
    ),
    "network_shifted": Name(
        "路网像是按{datum}坐标偏移的：单元边界距街道中位数{before_m}米，换算后为{after_m}米。步行结果不可信，请先校正路网。",
        "The network looks shifted by {datum}: borders of cells lie {before_m} m from streets (median), {after_m} m without the "
        "shift. Walking figures mean nothing until the network is put right.",
    ),
    "outside_city": Name(
        "{count}个设施不在城市范围内（{names}），仍计入；请核对其坐标。",
        "{count} facilities lie outside the city ({names}). They count; check their coordinates.",
    ),
    "far_from_streets": Name(
        "{count}个设施距任何街道超过{metres}米（{names}），步行无法到达，不计入。",
        "{count} facilities lie more than {metres} m from any street ({names}): nobody walks there, they add nothing.",
    ),
    "cells_far_from_streets": Name(
        "{residents}名居民（{count}个单元）的住处距任何街道超过{metres}米，按未覆盖计。",
        "{residents} residents ({count} cells) live more than {metres} m from any street; they count as not covered.",
    ),
    "facilities_on_islands": Name(
        "路网不连通：{count}个设施位于与主路网不相连的街道上，只有同一片街道上的居民能到达。",
        "The network is in parts: {count} facilities are on streets not connected to the rest; only residents there reach them.",
    ),
    "cells_on_islands": Name(
        "路网不连通：{residents}名居民（{count}个单元）住在与主路网不相连的街道旁，只能到达同一片街道上的设施。",
        "The network is in parts: {residents} residents ({count} cells) live by streets not connected to the rest and reach only "
        "what is there too.",
    ),
    "nobody_lives_here": Name(
        "统计范围内没有居民；比例按面积和单元计算。", "Nobody lives in the scope: there is no share of residents to speak of."
    ),
    "hours_unknown": Name(
        "{count}个设施没有登记开放时间，按关闭计。", "{count} facilities have no opening hours on record; they count as closed."
    ),
    "hours_unreadable": Name(
        "{count}个设施的开放时间无法识别（{names}），按关闭计。",
        "The opening hours of {count} facilities cannot be read ({names}); they count as closed.",
    ),
    "hours_unsure": Name(
        "{count}个设施那时是否开放说不准（如需预约：{names}），按关闭计。",
        "Whether {count} facilities are open then is not certain (by appointment, say: {names}); they count as closed.",
    ),
    "floor_area_unknown": Name(
        "{count}个设施没有登记建筑面积，按不足计。", "{count} facilities have no floor area on record; they count as too small."
    ),
    "capacity_unknown": Name(
        "{count}个设施没有登记容量，不计入人均容量。",
        "{count} facilities have no capacity on record; they add nothing to accessibility."
    ),
    "counted_by_points": Name(
        "假设按各单元的代表点统计居民，不按地面切分；与按地面统计的结果略有出入。",
        "What if counts residents at the points of their cells and cuts no ground: it differs a little from figures by ground.",
    ),
}
NAMES_SHOWN: Final = 3


@dataclass(frozen=True)
class ReachFinding:
    """One oddity. `facts` fill the sentence; `ids` are the facilities or cells concerned."""

    code: str
    says: Name
    facts: Mapping[str, Any] = field(default_factory=dict)
    ids: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The form that the API, the record and the reports use."""
        return {"code": self.code, "says": self.says.as_dict(), **self.facts, "ids": list(self.ids)}


def finding(code: str, *, names: Name | None = None, ids: tuple[int, ...] = (), **facts: Any) -> ReachFinding:
    """A finding with its sentence filled; `names` says which, in either language."""
    said = SAYS[code]
    zh, en = (
        pattern.format(**{name: _written(value) for name, value in facts.items()}, **({"names": each} if names else {}))
        for pattern, each in ((said.zh, names.zh if names else ""), (said.en, names.en if names else ""))
    )
    return ReachFinding(code, Name(zh, en), facts, ids)


def some_names(names: list[Name]) -> Name:
    """The first few of many names."""
    more = len(names) > NAMES_SHOWN
    zh = "、".join(name.zh for name in names[:NAMES_SHOWN]) + ("等" if more else "")
    en = ", ".join(name.en for name in names[:NAMES_SHOWN]) + (", …" if more else "")
    return Name(zh, en)


def _written(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
