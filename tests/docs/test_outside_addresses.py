"""Nothing that we serve loads from another host: government networks have no internet."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVED = ("server/templates/**/*.html", "server/static/js/**/*.js", "server/static/css/**/*.css", "server/static/*.svg")
# An address that is loaded, in contrast to one that is only named (a namespace, a credit line).
LOADED = re.compile(r"""(?:src|href|url|import|from|fetch)\s*[=(]?\s*["'(]\s*(?:https?:)?//""", re.IGNORECASE)


@pytest.mark.parametrize("pattern", SERVED)
def test_no_served_file_loads_from_another_host(pattern: str) -> None:
    files = list(ROOT.glob(pattern))
    assert files
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in files
        for line in path.read_text().splitlines()
        if LOADED.search(line)
    ]
    assert found == []


def test_the_pattern_knows_an_outside_address_when_it_sees_one() -> None:
    assert LOADED.search('<script src="https://cdn.example/x.js">')
    assert LOADED.search("background: url(//cdn.example/x.png)")
    assert not LOADED.search('xmlns="http://www.w3.org/2000/svg"')


def test_the_repository_names_no_package_registry() -> None:
    hosts = "|".join(("registry" + ".npmjs", "pypi" + ".org", "files.python" + "hosted", "deb.deb" + "ian"))
    found = subprocess.run(["git", "grep", "-lE", hosts], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert found == ""
