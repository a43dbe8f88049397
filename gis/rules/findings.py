"""What an import found: one finding per fault, each naming the rule, the feature, the amount and the place."""

from dataclasses import dataclass
from typing import Any

from gis.records import Name

ERROR, REPAIRED, NOTICE = "error", "repaired", "notice"


@dataclass(frozen=True)
class Finding:
    """One fault of a layer. `severity` is error (it blocks), repaired (the real run mends it) or notice.

    `rows` are the 1-based feature numbers in the file, `names` the codes or names of the units concerned. `amount` is in
    the unit that RULES says. `lon`, `lat` and `geom` are in EPSG:4326 and say where; None where there is no place.
    """

    rule: str
    severity: str
    rows: tuple[int, ...]
    names: tuple[str, ...]
    message: str
    amount: float | None = None
    lon: float | None = None
    lat: float | None = None
    geom: Any | None = None


@dataclass(frozen=True)
class Rule:
    """What a finding's key stands for; `unit` is that of its amount."""

    name: Name
    unit: str
    meaning: Name


def _rule(zh: str, en: str, unit: str, meaning_zh: str, meaning_en: str) -> Rule:
    return Rule(Name(zh, en), unit, Name(meaning_zh, meaning_en))


RULES: dict[str, Rule] = {
    "missing_geometry": _rule("缺少图形", "Missing geometry", "", "要素没有图形。", "The feature has no geometry."),
    "not_polygon": _rule("不是面", "Not a polygon", "", "要素是点或线，不是面。", "The feature is a point or line."),
    "not_finite": _rule("坐标无效", "Coordinates no numbers", "", "坐标是 NaN 或无穷大。", "A coordinate is NaN or infinite."),
    "swapped": _rule("经纬度颠倒", "Swapped coordinates", "", "经度和纬度对调了。", "Longitude and latitude are swapped."),
    "out_of_range": _rule(
        "坐标越界", "Out of range", "", "坐标不是经纬度，多半是投影坐标。", "No degrees: often projected metres."
    ),
    "outside_china": _rule("在中国之外", "Outside China", "", "坐标落在中国之外。", "The coordinates lie outside China."),
    "invalid_ring": _rule(
        "图形无效",
        "Invalid ring",
        "m²",
        "边界自相交或环无效，修复后面积的变化。",
        "The border crosses itself or a ring is wrong; the amount is the area that the repair changed.",
    ),
    "collapsed": _rule(
        "没有面积", "No area", "", "修复后没有剩下任何面积。", "Nothing with an area is left of the feature once it is made valid."
    ),
    "multipart": _rule("多部分", "Multipart unit", "parts", "一个单元由几块组成。", "The unit has several parts."),
    "duplicate": _rule("图形重复", "Duplicate geometry", "", "两个要素的图形完全相同。", "Two features have the same geometry."),
    "overlap": _rule("重叠", "Overlap", "m²", "两个单元占同一块地。", "Two units claim the same ground."),
    "sliver_overlap": _rule(
        "细碎重叠", "Sliver overlaps", "m²", "小于 1 平方米的重叠，合计。", "Overlaps below 1 m², taken together."
    ),
    "gap": _rule("空洞", "Gap", "m²", "单元之间有一块地不属于任何单元。", "Ground between the units that belongs to none."),
    "sliver_gap": _rule("细碎空隙", "Sliver gaps", "m²", "小于 1 平方米的空隙，合计。", "Gaps below 1 m², taken together."),
    "unmatched_edge": _rule(
        "边界不吻合",
        "Unmatched border",
        "segments",
        "城市内部的边界线段，邻接单元没有同样的线段。",
        "Border segments inside the city that no neighbour has with the same two end points.",
    ),
    "swallowed": _rule(
        "被完全覆盖", "Swallowed unit", "m²", "单元的全部面积都被其他单元占去。", "Other units claim all of the unit's ground."
    ),
    "unclean": _rule(
        "无法修复", "Not repaired", "", "自动修复后仍有拓扑错误，请手工修改。", "Still wrong after the repair: mend it by hand."
    ),
    "unreadable_value": _rule("值无法识别", "Unreadable value", "", "字段的值读不懂。", "The value of a field cannot be read."),
    "missing_value": _rule("缺少值", "Missing value", "", "必填字段为空。", "A field that must be filled is empty."),
    "undecodable_text": _rule(
        "文字乱码", "Undecodable text", "", "文字不符合文件的编码。", "Text that does not fit the encoding of the file."
    ),
    "missing_field": _rule("缺少字段", "Missing column", "", "没有找到所需的列。", "No column holds what is needed."),
    "code_given": _rule(
        "补编代码", "Code given", "", "没有可用的代码，按位置顺序编号。", "The unit had no usable code and is numbered."
    ),
    "duplicate_code": _rule("代码重复", "Duplicate code", "", "两个单元代码相同。", "Two units have the same code."),
    "unmatched_parent": _rule("上级不明", "Unmatched parent", "", "找不到上级区域。", "The area that it belongs to is not known."),
    "beside_parent": _rule(
        "位置与上级不符",
        "Beside its parent",
        "",
        "登记的上级与实际位置不一致。",
        "Its record names another parent than the one it lies in.",
    ),
    "childless": _rule("没有下级", "Nothing inside", "", "文件中没有该区域的任何部分。", "The file has no part of the area."),
    "parent_redrawn": _rule(
        "上级边界随下级",
        "Redrawn as its parts",
        "m²",
        "上级区域按其组成部分重绘，变动的面积。",
        "The area is drawn as its parts cover it; the ground that changed.",
    ),
    "along_cells": _rule(
        "边界贴合基本单元",
        "Drawn along cells",
        "m²",
        "网格边界切过基本单元，按单元重绘。",
        "The border cut cells, which are never cut; the ground that changed hands.",
    ),
    "lost_cell": _rule("单元无网格", "Cell without a grid", "", "没有网格覆盖该基本单元。", "No grid covers the cell."),
    "no_cell": _rule("网格无单元", "Grid without a cell", "", "网格没有占到任何基本单元的多数。", "The grid has most of no cell."),
    "outside_city": _rule("不在城市内", "Outside the city", "", "位置不在本市任何社区。", "It lies in no community of the city."),
    "unknown_kind": _rule(
        "设施类型不明", "Unknown kind", "", "设施类型不在目录中。", "The kind of facility is not in the catalogue."
    ),
    "there_already": _rule(
        "已存在",
        "There already",
        "",
        "同类同名同位置的设施已存在，不重复导入。",
        "The same thing is there already and does not come in twice.",
    ),
    "unknown_matter": _rule("事项未入格", "Unknown matter", "", "事项不在入格目录中。", "The matter is not admitted."),
    "in_future": _rule("时间在未来", "In the future", "", "上报时间晚于现在。", "It was reported later than now."),
    "closed_before": _rule(
        "结案早于上报", "Closed before reported", "", "结案时间早于上报时间。", "It was closed before it was reported."
    ),
    "applied_before": _rule("已导入过", "Brought in before", "", "同一文件已经导入过。", "This file was brought in already."),
    "counted_twice": _rule("重复计数", "Counted twice", "", "同一居民会被计算两次。", "The same residents would count twice."),
    "not_line": _rule("不是线", "Not a line", "", "要素是点或面，不是线。", "The feature is a point or polygon."),
    "beyond_city": _rule("在城市之外", "Beyond the city", "", "离城市太远，不导入。", "Too far from the city to come in."),
    "no_streets": _rule("没有可步行的道路", "No streets", "", "没有行人可走的道路。", "Nothing in it that people walk along."),
    "network_elsewhere": _rule("路网不在本市", "Streets elsewhere", "", "没有道路位于本市。", "No street lies in the city."),
    "network_shifted": _rule(
        "路网坐标偏移", "Shifted streets", "m", "路网与基本单元不在同一坐标系。", "The streets are in another datum than the cells."
    ),
    "network_apart": _rule(
        "路网不连通", "Streets in parts", "m", "部分道路与其余道路不相连。", "Streets that are not connected to the rest."
    ),
    "off_network": _rule(
        "居民远离道路", "Residents off the streets", "residents", "居民住处附近没有道路。", "Residents without a street near them."
    ),
    "on_islands": _rule(
        "居民在孤立路段",
        "Residents cut off",
        "residents",
        "居民住在与其余道路不相连的路段旁。",
        "Residents by streets that lead nowhere else.",
    ),
}
