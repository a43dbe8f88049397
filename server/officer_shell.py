"""What the officer's page is made of: the files that a phone keeps for dead spots, found by following the scripts' imports."""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

import orjson

STATIC: Final = Path(__file__).parent / "static"
WORKER: Final = "js/officer_worker.js"
BARE: Final = {"@mapbox/point-geometry": "vendor/node_modules/@mapbox/point-geometry/index.js"}
BEGINNINGS: Final = (
    "js/officer.js",
    "js/frame.js",
    "js/vector_tiles.js",
    "vendor/node_modules/leaflet/dist/leaflet.js",
    "vendor/node_modules/leaflet/dist/leaflet.css",
    "vendor/node_modules/bootstrap/dist/css/bootstrap.min.css",
    "vendor/node_modules/bootstrap-icons/font/bootstrap-icons.min.css",
    "vendor/node_modules/bootstrap-icons/font/fonts/bootstrap-icons.woff2",
    "css/frame.css",
    "css/overview.css",
    "css/officer.css",
    "favicon.svg",
    "icons/app-192.png",
)
MODULE: Final = re.compile(r"""^(?:import\s*|(?:import|export)\s[^;"'()=]*?\sfrom\s*)["']([^"']+)["']""", re.MULTILINE)


@cache
def files() -> tuple[str, ...]:
    """Every file that the page loads, below the folder of static files, in the order found."""
    found: dict[str, None] = {}
    ahead = list(BEGINNINGS)
    while ahead:
        file = ahead.pop(0)
        if file not in found:
            found[file] = None
            ahead += _imported(file)
    return tuple(found)


def _imported(file: str) -> list[str]:
    if not file.endswith(".js"):
        return []
    text = (STATIC / file).read_text(encoding="utf-8")
    return [_resolved(name, beside=PurePosixPath(file).parent) for name in MODULE.findall(text)]


def _resolved(name: str, *, beside: PurePosixPath) -> str:
    if name in BARE:
        return BARE[name]
    steps: list[str] = []
    for step in (beside / name).parts:
        if step == "..":
            steps.pop()
        else:
            steps.append(step)
    return "/".join(steps)


@cache
def version() -> str:
    """Changes whenever one of the files changes: then phones fetch all of them anew."""
    return version_of(files())


def version_of(kept: Iterable[str]) -> str:
    """The version of some files and of the worker that keeps them."""
    digest = hashlib.sha256()
    for file in (*kept, WORKER):
        digest.update(file.encode() + b"\0" + (STATIC / file).read_bytes())
    return digest.hexdigest()[:16]


@cache
def worker() -> str:
    """The service worker: what it keeps, and how."""
    shell = orjson.dumps([f"/static/{file}" for file in files()]).decode()
    head = f'const VERSION = "{version()}";\nconst SHELL = {shell};\n\n'
    return head + (STATIC / WORKER).read_text(encoding="utf-8")
