"""The reference pages say what the code says: a setting, command, error or route that is missing there fails here."""

from pathlib import Path

import click
import pytest
from flask import Flask

from gis import errors, features
from gis.rules.coordinates import CoordinateFault
from server.api.lists import LISTED
from server.app import create_app
from server.cli import main
from server.config import Settings
from server.problems import STATUS

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
