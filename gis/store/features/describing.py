"""What a listed layer is made of: every list, export and map service is derived from these descriptions.

A property is one line of its layer. The SQL in a description is ours; what a client sends only ever becomes a bound value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from gis.records import Name
from gis.rules.words import Words

TEXT, INTEGER, NUMBER, BOOLEAN, DATE, MOMENT = "text", "integer", "number", "boolean", "date", "moment"
ONE_OF, FROM, UNTIL, FLAG = "one of", "from", "until", "flag"
POINT, POLYGON, MULTIPOLYGON = "Point", "Polygon", "MultiPolygon"


@dataclass(frozen=True)
class Property:
    """One column of a layer. `unit` as UCUM has it (m2, h, min); `words` are the meanings of coded values."""

    name: str
    kind: str
    sql: str
    title: Name
    unit: str | None = None
    words: Words | None = None


@dataclass(frozen=True)
class Filter:
    """One way to ask for less of a layer.

    `test` says how values are held against `column`: one of them, from (and including), until (not including), or a flag, whose
    `column` is a condition. With `lookup` the values are codes that stand for ids: it takes them as `:codes` and answers `code`
    and `id`. A filter that does not `split` takes one value per parameter, because its values may hold commas.
    """

    name: str
    kind: str
    test: str
    column: str
    title: Name
    words: Words | None = None
    lookup: str | None = None
    split: bool = True


@dataclass(frozen=True)
class FeatureLayer:
    """A listed layer.

    `source` holds what rows are chosen and ordered by; `joins` what only properties need, joined to the rows of a page (then
    `source` is one table). `condition` narrows the layer as such; it may use `:moment`, the moment asked about, if `as_of`.
    `key` are the columns of the order, unique together. `path` is the ltree of the area a row lies in, and `community` its
    community's id where that stands in the row. `reach` cuts the rows to the account's own part. `month_column` names the
    moment that a big table is partitioned by: its lists are read newest month first.
    """

    name: str
    title: Name
    description: Name
    source: str
    key: tuple[str, ...]
    id: Property
    properties: tuple[Property, ...]
    filters: tuple[Filter, ...] = ()
    joins: str = ""
    condition: str | None = None
    geometry: str | None = None
    geometry_kind: str | None = None
    mercator: str | None = None
    path: str | None = None
    community: str | None = None
    matter: str | None = None
    reach: bool = False
    as_of: bool = False
    newest_first: bool = False
    month_column: str | None = None
    most: int = 1_000

    @cached_property
    def property_of(self) -> Mapping[str, Property]:
        """The properties by name."""
        return {item.name: item for item in self.properties}

    @cached_property
    def key_kinds(self) -> tuple[str, ...]:
        """What the values of the key are: the id, or of a big table the moment and the row's number."""
        return (MOMENT, INTEGER) if self.month_column else (self.id.kind,)

    @cached_property
    def filter_of(self) -> Mapping[str, Filter]:
        """The filters by name."""
        return {item.name: item for item in self.filters}


def coded(name: str, sql: str, words: Words, zh: str, en: str) -> tuple[Property, ...]:
    """A coded value with its meaning in both languages beside it: `x`, `x_zh`, `x_en`."""
    return (
        Property(name, TEXT, sql, Name(zh, en), words=words),
        Property(f"{name}_zh", TEXT, _meaning(sql, words, 0), Name(f"{zh}（中文）", f"{en}, in Chinese")),
        Property(f"{name}_en", TEXT, _meaning(sql, words, 1), Name(f"{zh}（英文）", f"{en}, in English")),
    )


def _meaning(sql: str, words: Words, language: int) -> str:
    quoted = {code: meaning[language].replace("'", "''") for code, meaning in words.items()}
    cases = " ".join(f"WHEN '{code}' THEN '{meaning}'" for code, meaning in quoted.items())
    return f"CASE {sql} {cases} ELSE {sql} END"


def named(name: str, alias: str, zh: str, en: str) -> tuple[Property, ...]:
    """The code of something else with its names: `x`, `x_zh`, `x_en`, from a table with code, name_zh and name_en."""
    return (
        Property(name, TEXT, f"{alias}.code", Name(f"{zh}编码", f"{en}, code")),
        Property(f"{name}_zh", TEXT, f"{alias}.name_zh", Name(f"{zh}名称（中文）", f"{en}, name in Chinese")),
        Property(f"{name}_en", TEXT, f"{alias}.name_en", Name(f"{zh}名称（英文）", f"{en}, name in English")),
    )


def names(alias: str) -> tuple[Property, ...]:
    """The layer's own names: `name_zh`, `name_en`."""
    return (
        Property("name_zh", TEXT, f"{alias}.name_zh", Name("名称（中文）", "Name in Chinese")),
        Property("name_en", TEXT, f"{alias}.name_en", Name("名称（英文）", "Name in English")),
    )


def synthetic(alias: str) -> Property:
    """Whether a row is made up."""
    return Property("synthetic", BOOLEAN, f"{alias}.synthetic", Name("合成数据", "Made up, not surveyed"))


def chosen_by(*properties: Property) -> tuple[Filter, ...]:
    """Filters that ask for one or several values of a property, under its own name."""
    return tuple(Filter(item.name, item.kind, ONE_OF, item.sql, item.title, item.words) for item in properties)
