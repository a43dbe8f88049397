"""An audit in words: what was asked, how it was measured, what it comes to. For the paper that somebody signs."""

from collections.abc import Mapping
from typing import Any, Final

from gis.coverage_records import Audit
from gis.records import Name

METHODS: Final = {
    "walk": Name("步行：沿现行路网的最短路径", "On foot: shortest ways along the walking network in force"),
    "radius": Name("半径：直线距离", "Radius: straight lines"),
}
GROUPS: Final = {"adult": Name("成年人", "adults"), "elderly": Name("老年人", "elderly"), "child": Name("儿童", "children")}
WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WEEKDAYS_EN: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ON_FOOT: Final = Name(
    "居民住在其所在单元的代表点。每个单元和设施连接到500米内最近的街道，连接线不得穿越河流、快速路、铁路和围墙；"
    "距离包括两端的连接线，以整分米计。距街道更远的，按不可达计。",
    "Residents live at the point of their cell. Each cell and facility is put on the nearest street within 500 m by a straight leg "
    "that crosses no river, expressway, railway or wall; both legs count, in whole decimetres. What is further from every street "
    "is not reached.",
)
STRAIGHT: Final = Name(
    "居民住在其所在单元的代表点。距离为城市投影坐标系内的直线距离（乘以绕行系数），不考虑街道和障碍。",
    "Residents live at the point of their cell. Distances are straight lines in the city's projected zone, times the detour "
    "factor; streets and barriers are not asked.",
)
FIGURES: Final = Name(
    "所有数字由单元的距离得出；地图上的圈和空白区仅供显示。范围只限定计入的居民，范围外的设施同样服务。",
    "All figures come from the distances of cells; circles and gaps on maps are for display. The scope says whose residents count; "
    "facilities beyond it serve too.",
)


def verdict(audit: Audit) -> Name:
    """The first sentence of an audit: how many communities are covered, and how many residents."""
    sums = audit.outcome or {}
    part = sums.get("covered_fraction")
    share_zh = "无居民" if part is None else f"{part:.2%}"
    share_en = "nobody lives there" if part is None else f"{part:.2%}"
    return Name(
        f"{audit.area_name.zh}{sums['communities']:,}个村（社区）中{sums['covered_communities']:,}个达标；"
        f"{sums['residents']:,}名居民中{round(sums['covered_residents']):,}名被覆盖（{share_zh}）。",
        f"{sums['covered_communities']:,} of {sums['communities']:,} communities of {audit.area_name.en} are covered, and "
        f"{round(sums['covered_residents']):,} of {sums['residents']:,} residents ({share_en}).",
    )


def asked(audit: Audit, *, kinds: Mapping[str, Name]) -> list[tuple[Name, Name]]:
    """What was asked and of what, as pairs of a label and a value."""
    question, inputs = audit.question, audit.inputs or {}
    found = [
        (Name("设施", "Facilities"), _facilities(question, inputs, kinds)),
        (Name("方法", "Method"), METHODS[question["method"]]),
        (Name("距离上限", "Limit"), _limit(question, inputs)),
        (Name("要求", "Wanted"), _wanted(question)),
        (Name("网格方案", "Plan of grids"), _plan(inputs)),
        (Name("居民", "Residents"), _residents(inputs)),
    ]
    if inputs.get("network"):
        network = inputs["network"]
        said = f"{network['name']} · {network['length_km']:,} km · {network['brought_in_at'][:10]} · {network['digest'][:16]}"
        found.append((Name("步行路网", "Walking network"), Name(said, said)))
    if question.get("open_at"):
        found.append((Name("开放时刻", "Open at"), _moment(question["open_at"])))
    return found


def method_statement(audit: Audit) -> list[Name]:
    """How it was measured, in sentences."""
    return [ON_FOOT if audit.question["method"] == "walk" else STRAIGHT, _rule(audit.question), FIGURES]


def _facilities(question: Mapping[str, Any], inputs: Mapping[str, Any], kinds: Mapping[str, Name]) -> Name:
    held = inputs["facilities"]
    unknown = Name("全部种类", "all kinds")
    named = [kinds.get(code, Name(code, code)) for code in question["kinds"]] or [unknown]
    more_zh, more_en = [f"共{held['count']:,}个"], [f"{held['count']:,} in all"]
    if question["services"]:
        more_zh.append("提供服务 " + "、".join(question["services"]))
        more_en.append("offering " + ", ".join(question["services"]))
    if question["levels"]:
        more_zh.append("级别 " + "、".join(question["levels"]))
        more_en.append("of level " + ", ".join(question["levels"]))
    if question["floor_area_m2"]:
        more_zh.append(f"建筑面积不小于{question['floor_area_m2']:g}平方米")
        more_en.append(f"floor area at least {question['floor_area_m2']:g} m²")
    more_zh.append(f"摘要 {held['digest']}")
    more_en.append(f"digest {held['digest']}")
    return Name(
        "、".join(name.zh for name in named) + "；" + "；".join(more_zh),
        ", ".join(name.en for name in named) + "; " + "; ".join(more_en),
    )


def _limit(question: Mapping[str, Any], inputs: Mapping[str, Any]) -> Name:
    metres = f"{inputs['limit_m']:,.0f}"
    detour = question["detour"]
    more_zh = f"，绕行系数 {detour:g}" if detour != 1 and question["method"] == "radius" else ""
    more_en = f", detour factor {detour:g}" if more_zh else ""
    if question["metres"] is not None or question["minutes"] is None:
        return Name(f"{metres} 米{more_zh}", f"{metres} m{more_en}")
    group, minutes = GROUPS[question["group"]], f"{question['minutes']:g}"
    speed = inputs.get("speed_kmh")
    at_zh, at_en = (f"，{group.zh} {speed:g} km/h", f", {group.en} at {speed:g} km/h") if speed else ("", "")
    return Name(f"{minutes} 分钟 = {metres} 米{at_zh}{more_zh}", f"{minutes} min = {metres} m{at_en}{more_en}")


def _wanted(question: Mapping[str, Any]) -> Name:
    rule = _rule(question)
    return Name(f"至少 {question['k']} 个设施；{rule.zh}", f"at least {question['k']} within the limit; {rule.en}")


def _rule(question: Mapping[str, Any]) -> Name:
    if question["rule"] == "centre":
        said = Name("单位的中心点在上限之内即达标。", "A unit is covered when its centre point is within the limit.")
    elif question["rule"] == "everyone":
        said = Name("单位的全部居民被覆盖即达标。", "A unit is covered when all its residents are.")
    else:
        share = f"{question['share']:.0%}"
        said = Name(f"单位至少 {share} 的居民被覆盖即达标。", f"A unit is covered when at least {share} of its residents are.")
    if question["by_ground"]:
        return Name(said.zh + "单元按圈内地面的比例计。", said.en + " Cells count by the share of their ground inside the circles.")
    return said


def _plan(inputs: Mapping[str, Any]) -> Name:
    plan = inputs["plan"]
    return Name(
        f"{plan['name']['zh']}（编号 {plan['id']}，版本 {plan['version']}）",
        f"{plan['name']['en']} (number {plan['id']}, version {plan['version']})",
    )


def _residents(inputs: Mapping[str, Any]) -> Name:
    held = inputs["residents"]
    return Name(
        f"全市 {held['total']:,} 人，{held['cells']:,} 个单元；摘要 {held['digest']}",
        f"{held['total']:,} in {held['cells']:,} cells of the whole city; digest {held['digest']}",
    )


def _moment(open_at: Mapping[str, int]) -> Name:
    clock = f"{open_at['minute'] // 60:02}:{open_at['minute'] % 60:02}"
    at = open_at["weekday"] - 1
    return Name(f"{WEEKDAYS[at]} {clock}", f"{WEEKDAYS_EN[at]} {clock}")
