"""What the pages tell people to type exists: every command and every option of it."""

import re
import shlex
from pathlib import Path

import click
import pytest

from server.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted([*DOCS.glob("how-to/*.md"), *DOCS.glob("tutorial/*.md")])
TYPED = re.compile(r"^\$ (?:\.venv/bin/)?wangge (.+)$", re.MULTILINE)


def _typed() -> list[tuple[str, str]]:
    return [(page.name, line) for page in PAGES for line in TYPED.findall(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("page", "line"), _typed())
def test_what_a_page_tells_to_type_exists(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    command: click.Command = main
    while isinstance(command, click.Group):
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts}
    assert [word for word in words if word.startswith("--") and word not in options] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+\.md)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
