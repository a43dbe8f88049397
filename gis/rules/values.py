"""Values as people write them, read: codes, counts with separators, areas with units, dates with and without a time zone."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gis.records import Ints, Texts
from gis.rules.findings import ERROR, NOTICE, Finding

SHANGHAI = ZoneInfo("Asia/Shanghai")
M2_PER_MU = 2000 / 3
COUNT_MAX = 2_147_483_647
_M2 = {
    **dict.fromkeys(("", "m2", "㎡", "平方米", "平米", "平", "sqm"), 1.0),
    **dict.fromkeys(("万平方米", "公顷", "ha"), 1e4),
    **dict.fromkeys(("km2", "平方公里"), 1e6),
    "亩": M2_PER_MU,
}
_TIMES = {
    **dict.fromkeys(("", "人", "户", "个", "张", "床", "座", "名"), 1.0),
    **dict.fromkeys(("万", "万人", "万户"), 1e4),
    "千": 1e3,
    "亿": 1e8,
}
_DEGREES = dict.fromkeys(("", "°", "度", "°e", "°n"), 1.0)
_QUANTITY = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)([^\d]*2?)")
_MOMENT = re.compile(
    r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?号?"
    r"(?:[T\s]*(上午|下午|am|pm)?\s*(\d{1,2})[:：时点](\d{1,2})?(?:[:：分](\d{1,2})?(?:[.,]\d+)?秒?)?分?\s*(am|pm)?)?"
    r"\s*(Z|[-+]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_NOTHING = {"", "null", "none", "nan", "nat", "-", "--", "/", "\\", "无", "n/a", "na", "#n/a"}

UNIT_TYPES = {
    "estate": ("楼盘小区", "商品房小区", "住宅小区", "小区"),
    "rental": ("出租屋连片区", "出租屋", "rental area"),
    "commercial": ("商贸区", "商业区", "commercial district"),
    "factory": ("工厂生活小区", "工厂", "工业区", "factory living area"),
    "rural": ("农村社区", "农村", "村庄", "rural community"),
    "old_estate": ("老旧小区", "旧小区", "old estate"),
    "resettlement": ("拆迁安置小区", "安置小区", "安置区", "resettlement estate"),
}
LEVELS = {
    "city": ("市", "市级"),
    "town": ("镇", "街道", "镇街", "镇级", "镇街级", "街道级", "subdistrict", "street"),
    "community": ("村", "社区", "村社区", "村级", "社区级", "村居", "village"),
    "estate": ("小区", "小区级", "楼盘"),
}
STATES = {
    "collected": ("采集", "已采集", "上报", "已上报", "待受理", "new", "open"),
    "accepted": ("受理", "已受理", "立案", "已立案"),
    "dispatched": ("派遣", "已派遣", "已派单", "分派", "已分派"),
    "handling": ("处置", "处置中", "处理中", "办理中", "in progress"),
    "feedback": ("反馈", "已反馈", "待核查"),
    "verified": ("核查", "已核查"),
    "closed": ("结案", "已结案", "办结", "已办结", "关闭", "完成", "已完成", "done"),
    "returned": ("回退", "退回", "已退回"),
    "suspended": ("挂起", "挂账", "暂缓"),
    "rejected": ("不予受理", "作废", "驳回"),
}
CHANNELS = {
    "patrol": ("巡查", "网格员上报", "网格员", "主动巡查", "巡查上报"),
    "citizen": ("群众", "群众上报", "市民", "居民", "公众", "随手拍", "微信"),
    "hotline": ("热线", "12345", "电话", "12345热线"),
    "department": ("部门", "部门转办", "部门推送", "上级交办"),
}


class Unreadable(ValueError):
    """A value that cannot be read; the message says what is expected."""


Parser = Callable[[Any], Any]


def _narrow(told: str) -> str:
    """Full-width digits and signs as plain ones."""
    return "".join(chr(ord(char) - 0xFEE0) if 0xFF01 <= ord(char) <= 0xFF5E else char for char in told)


def _word(told: str) -> str:
    return re.sub(r"[\W_]+", "", told).lower()


def plain_text(value: Any) -> str:
    """The text of a value, trimmed; "" for what stands for nothing. A whole number has no decimals: codes come as 441900.0."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or (isinstance(value, np.datetime64) and np.isnat(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer() and abs(float(value)) < 1e15:
        return str(int(value))
    told = str(value).strip().strip("\u3000\ufeff")
    return "" if told.lower() in _NOTHING else told


def text(value: Any) -> str | None:
    """Text as it is; None for nothing."""
    return plain_text(value) or None


def code(value: Any) -> str | None:
    """A code without the traces of a spreadsheet: 441900003001.0 and '441900003001 are 441900003001."""
    told = _narrow(plain_text(value)).lstrip("'`").removesuffix(".0").strip()
    if re.fullmatch(r"\d(\.\d+)?e\+?\d+", told, re.IGNORECASE):
        raise Unreadable("a spreadsheet has rounded this code; format the column as text")
    return told or None


def number(value: Any) -> float | None:
    """A number; thousands separators and full-width digits are understood."""
    return _quantity(value, _DEGREES, "a number")


def count(value: Any) -> int | None:
    """A whole number that is not negative; 1.2万 is 12,000."""
    read = _quantity(value, _TIMES, "a whole number")
    if read is None:
        return None
    if read < 0 or read > COUNT_MAX or abs(read - round(read)) > 1e-6:
        raise Unreadable("a whole number of 0 or more is expected")
    return round(read)


def area_m2(value: Any) -> float | None:
    """A positive area in square metres; 亩, 公顷 and 平方公里 are turned into them."""
    read = _quantity(value, _M2, "an area such as 350 or 350 平方米")
    if read is not None and read <= 0:
        raise Unreadable("an area above 0 is expected")
    return read


def moment(value: Any, *, zone: tzinfo = SHANGHAI) -> datetime | None:
    """A moment in UTC. ISO 8601, Chinese and slashed dates; without a time zone it is that of the city."""
    if isinstance(value, np.datetime64) and not np.isnat(value):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone).astimezone(UTC)
    told = _narrow(plain_text(value))
    if not told:
        return None
    found = _MOMENT.fullmatch(told)
    if not found:
        raise Unreadable("a date such as 2026-03-01 14:30 or 2026年3月1日 14:30 is expected")
    return _moment_of(*found.groups(), zone=zone)


def _moment_of(
    year: str, month: str, day: str, half: str | None, hour: str | None, minute: str | None, second: str | None,
    half_after: str | None, offset: str | None, *, zone: tzinfo,
) -> datetime:  # fmt: skip
    hours = int(hour or 0)
    if (half or half_after or "").lower() in ("下午", "pm") and hours < 12:
        hours += 12
    try:
        local = datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))
        told = datetime.strptime(offset.upper().replace("Z", "+0000"), "%z").tzinfo if offset else zone
        return local.replace(tzinfo=told).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"there is no such moment ({error})") from error


def one_of(choices: dict[str, tuple[str, ...]]) -> Parser:
    """A parser of a word, in English or Chinese, that stands for one of our keys."""
    known = {_word(word): key for key, words in choices.items() for word in (key, *words)}

    def parse(value: Any) -> str | None:
        told = plain_text(value)
        if told and _word(told) not in known:
            raise Unreadable(f"one of {', '.join(choices)} is expected")
        return known[_word(told)] if told else None

    return parse


unit_type, level, state, channel = one_of(UNIT_TYPES), one_of(LEVELS), one_of(STATES), one_of(CHANNELS)


def _reads(parse: Parser) -> Callable[[str], bool]:
    def reads(told: str) -> bool:
        try:
            return parse(told) is not None
        except Unreadable:
            return False

    return reads


is_unit_type, is_level, is_state, is_channel, is_moment = (_reads(parse) for parse in (unit_type, level, state, channel, moment))


def read_column(
    values: Sequence[Any], *, rows: Ints, field: str, column: str, parse: Parser, required: bool = False
) -> tuple[Texts, list[Finding]]:
    """The values of a column, read; None and a finding for each that cannot be. Equal values are read once.

    What cannot be read is an error in a required field and a notice in another, where the value is left empty.
    """
    read, found = np.empty(len(values), dtype=object), []
    known: dict[Any, tuple[Any, str | None]] = {}
    severity = ERROR if required else NOTICE
    for at, value in enumerate(values):
        key = (type(value), value)
        if key not in known:
            known[key] = _try(parse, value)
        read[at], fault = known[key]
        row = int(rows[at])
        if fault:
            message = f"Row {row}, {column} (for {field}): {str(value)[:60]!r} cannot be read: {fault}."
            found.append(Finding("unreadable_value", severity, (row,), (field,), message))
        elif required and read[at] is None:
            message = f"Row {row}, {column}: {field} is empty and must be filled."
            found.append(Finding("missing_value", ERROR, (row,), (field,), message))
    return read, found


def _try(parse: Parser, value: Any) -> tuple[Any, str | None]:
    try:
        return parse(value), None
    except Unreadable as error:
        return None, str(error)


def _quantity(value: Any, units: dict[str, float], expected: str) -> float | None:
    if isinstance(value, bool | np.bool_):
        raise Unreadable(f"{expected} is expected")
    if isinstance(value, int | float | np.integer | np.floating) and math.isfinite(value):
        return float(value)
    told = re.sub(r"(?<=\d)[,\s'](?=\d{3})", "", _narrow(plain_text(value))).lower()
    if not told:
        return None
    found = _QUANTITY.fullmatch(told)
    unit = found and found[2].strip().replace("²", "2")
    if not found or unit not in units:
        raise Unreadable(f"{expected} is expected")
    read = float(found[1]) * units[unit]
    if not math.isfinite(read):
        raise Unreadable(f"{expected} is expected")
    return read
