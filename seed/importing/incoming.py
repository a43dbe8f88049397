"""A layer that came in, with its columns read as what they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from gis.layer_files import Layer
from gis.records import Floats, Ints, Shapes
from gis.rules import values
from gis.rules.findings import ERROR, Finding
from gis.rules.mapping import TARGETS, missing_targets
from gis.rules.values import read_column
from seed.shares import share_by_group

UNIT_TYPE = "estate"  # where a layer says nothing


@dataclass
class Incoming:
    """A layer's features by what they mean. Columns are read once; what cannot be read is a finding."""

    layer: Layer
    kind: str
    fields: dict[str, str | None]
    findings: list[Finding] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Say which fields are missing altogether, and read the others."""
        unknown = sorted({name for name in self.fields.values() if name} - set(self.layer.fields))
        for name in unknown:
            listed = ", ".join(self.layer.fields)
            self.findings.append(Finding("missing_field", ERROR, (), (name,), f"The file has no column {name!r}; it has {listed}."))
        for name in missing_targets(self.fields, kind=self.kind):
            listed = ", ".join(self.layer.fields)
            message = f"No column was found or named for {name}, which is needed; the file has {listed}."
            self.findings.append(Finding("missing_field", ERROR, (), (name,), message))
        self.read(ZoneInfo("Asia/Shanghai"))

    def read(self, zone: tzinfo) -> None:
        """Read every column that is mapped."""
        for target in TARGETS[self.kind]:
            column = self.fields.get(target.field)
            if column is None or column not in self.layer.fields:
                self.columns[target.field] = np.full(len(self.rows), None, dtype=object)
                continue
            parse = partial(values.moment, zone=zone) if target.parse is values.moment else target.parse
            self.columns[target.field], found = read_column(
                self.layer.fields[column],
                rows=self.rows,
                field=target.field,
                column=column,
                parse=parse,
                required=target.required,
            )
            self.findings += found

    @property
    def geoms(self) -> Shapes:
        """Shapes in EPSG:4326."""
        return self.layer.geoms

    @property
    def rows(self) -> Ints:
        """1-based numbers of the features in the file."""
        return self.layer.rows

    @property
    def info(self) -> Any:
        """What the file is."""
        return self.layer.info

    def texts(self, name: str) -> list[str | None]:
        """Texts of a field; None where it is empty."""
        return list(self._column(name))

    def labels(self, *names: str) -> list[str]:
        """What to call each feature: the first of the fields that says something, else its number."""
        columns = [self._column(name) for name in names]
        return [
            next((str(value) for value in told if value), f"feature {row}")
            for row, *told in zip(self.rows.tolist(), *columns, strict=True)
        ]

    def amounts(self, name: str) -> Ints:
        """Whole numbers of a field; 0 where it is empty."""
        return np.array([value or 0 for value in self._column(name)], dtype=np.int64)

    def integers(self, name: str) -> list[int | None]:
        """Whole numbers of a field; None where it is empty."""
        return [None if value is None else int(value) for value in self._column(name)]

    def optional(self, name: str) -> list[float | None]:
        """Numbers of a field; None where it is empty."""
        return list(self._column(name))

    def coded(self, name: str, otherwise: str) -> list[str]:
        """One of our keys for each feature."""
        return [value or otherwise for value in self._column(name)]

    def unit_types(self) -> Any:
        """The unit type of each feature."""
        return np.array(self.coded("unit_type", UNIT_TYPE), dtype=object)

    def moments(self, name: str) -> Any:
        """Moments of a field in UTC, datetime64[s]; NaT where it is empty."""
        told = [None if value is None else value.replace(tzinfo=None) for value in self._column(name)]
        return np.array(told, dtype="datetime64[s]")

    def shared(self, name: str, use: Ints, owner: Ints, share: Floats) -> Ints:
        """Amounts of the features `use`, spread over parts: part p belongs to `use[owner[p]]` and has that share of it."""
        return share_by_group(self.amounts(name)[use], owner, share)

    def _column(self, name: str) -> Any:
        return self.columns.get(name, np.full(len(self.rows), None, dtype=object))


def looked_like(fields: Mapping[str, Any], *, some: int = 50) -> dict[str, Any]:
    """Some values of each column, to guess by."""
    return {name: list(column[:some]) for name, column in fields.items()}
