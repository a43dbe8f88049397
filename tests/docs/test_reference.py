"""The reference pages say what the code says: a setting, command, error or route that is missing there fails here."""

from pathlib import Path

import click
import pytest
from flask import Flask

from gis import errors, features, tiles
from gis.collections import COLLECTIONS
from gis.rules.coordinates import CoordinateFault
from gis.rules.findings import RULES
from gis.rules.open311 import STATUS_OF
from gis.store import incident_tiles
from server.api.lists import LISTED
from server.app import create_app
from server.cli import main
from server.config import Settings
from server.ogc.landing import CONFORMS_TO
from server.ogc.questions import PAGE
from server.problems import STATUS
from server.tiles import cache, gate

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _page(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_described(name: str) -> None:
    assert f"`WANGGE_{name.upper()}`" in _page("settings.md")


def _commands(group: click.Group, prefix: str = "wangge") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found += _commands(command, path) if isinstance(command, click.Group) else [(path, command)]
    return found


@pytest.mark.parametrize(("path", "command"), _commands(main), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_and_option_is_described(path: str, command: click.Command) -> None:
    page = _page("command-line.md")
    assert f"## `{path}" in page
    section = page.split(f"## `{path}", 1)[1].split("\n## ", 1)[0]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.opts[0] in section, parameter.opts[0]


def _errors() -> list[type[errors.WanggeError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.WanggeError)]


@pytest.mark.parametrize("kind", [kind for kind in _errors() if kind is not errors.WanggeError])
def test_every_error_has_a_status_and_a_description(kind: type[errors.WanggeError]) -> None:
    assert f"`urn:wangge:{kind.__name__}` | {STATUS[kind]} |" in _page("api.md")


@pytest.mark.parametrize("fault", [fault for fault in CoordinateFault if fault])
def test_every_fault_of_coordinates_is_described(fault: CoordinateFault) -> None:
    assert f"`{fault.name.lower()}`" in _page("api.md")


@pytest.fixture(scope="module")
def app(empty_url: str, folder: Path) -> Flask:
    return create_app(Settings(database_url=empty_url, var_dir=folder / "var"))


@pytest.mark.parametrize("rule", RULES)
def test_every_finding_of_an_import_is_described(rule: str) -> None:
    assert f"| `{rule}` |" in _page("api.md")


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    page = _page("api.md")
    rules = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(("/api/", "/tiles/", "/healthz", "/readyz"))}
    assert [rule for rule in sorted(rules) if f"`{rule}`".replace("<int:", "<") not in page] == []


@pytest.mark.parametrize("layer", LISTED)
def test_every_filter_of_a_list_is_described(layer: str) -> None:
    section = _page("api.md").split("\n## Lists\n", 1)[1].split("\n## ", 1)[0]
    row = next(line for line in section.splitlines() if line.startswith(f"| `{layer}` |"))
    assert [name for name in features.LAYERS[layer].filter_of if f"`{name}`" not in row] == []
    assert [name for name in features.parameters(features.LAYERS[layer]) if f"| `{name}` |" not in section] == []


def test_every_layer_of_tiles_is_described_with_its_first_zoom() -> None:
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in _page("tiles.md").splitlines() if line.startswith("| `")]
    zooms = {row[0].strip("`"): int(row[2]) for row in rows if len(row) == 4}
    assert zooms == {layer: tiles.FROM_ZOOM.get(layer, 0) for layer in tiles.LAYERS}


@pytest.mark.parametrize(
    "fact",
    [
        f"up to {incident_tiles.DENSE} incidents",
        f"{incident_tiles.SQUARES} × {incident_tiles.SQUARES} squares",
        f"Counts to zoom {incident_tiles.COUNTED_ZOOMS[1]}",
        f"Zooms are 0 to {tiles.GREATEST_ZOOM}",
        f"the last {cache.MEMORY_BYTES >> 20} MB",
        f"up to zoom {cache.DISK_ZOOM}, at most {cache.DISK_BYTES >> 20} MB",
        *(f"`{days}`" for days in tiles.PERIODS_D),
        f"`{gate.DEFAULT_DAYS}` (the default)",
    ],
)
def test_the_numbers_of_tiles_are_those_of_the_code(fact: str) -> None:
    assert fact in _page("tiles.md")
    assert (cache.LOOK_EVERY_S, gate.ADMITTED_FOR_S) == (0.5, 2.0)  # twice a second, the last two seconds


def test_every_route_of_the_map_service_is_described(app: Flask) -> None:
    page = _page("ogc.md")
    rules = {rule.rule.rstrip("/") for rule in app.url_map.iter_rules() if rule.rule.startswith("/ogc")}
    assert [rule for rule in sorted(rules) if f"| `{rule}` |" not in page] == []


def test_every_conformance_class_parameter_and_collection_of_the_map_service_is_described() -> None:
    page = _page("ogc.md")
    assert [uri for uri in CONFORMS_TO if f"`{uri.partition('/spec/')[2]}`" not in page] == []
    assert [name for name in (*PAGE, "area", "after") if f"`{name}`" not in page] == []
    assert [name for name in COLLECTIONS if f"`{name}`" not in page] == []


def test_every_route_and_state_of_open311_is_described(app: Flask) -> None:
    page = _page("open311.md")
    rules = {
        (method, rule.rule.replace("<any(json, xml):fmt>", "<fmt>"))
        for rule in app.url_map.iter_rules() if rule.rule.startswith("/open311")
        for method in (rule.methods or set()) & {"GET", "POST"}
    }  # fmt: skip
    assert [rule for rule in sorted(rules) if f"| `{rule[0]} {rule[1]}` |" not in page] == []
    assert [state for state, status in STATUS_OF.items() if f"| `{state}` | `{status}` |" not in page] == []
