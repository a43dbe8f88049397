"""What the page tells departments to write works."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from gis import hooks
from gis.rules.source_mapping import FIELDS

PAGE = (Path(__file__).resolve().parents[2] / "docs/how-to/connect-a-department.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


def test_the_signature_check_knows_our_calls_and_no_others() -> None:
    names: dict[str, Any] = {}
    exec(_block("python"), names)
    body, now = b'{"event": "fire-1"}', datetime.now(UTC)
    header = hooks.signature("secret", body, at=now)
    assert names["is_genuine"]("secret", header, body)
    assert not names["is_genuine"]("another", header, body)
    assert not names["is_genuine"]("secret", header, body + b" ")
    assert not names["is_genuine"]("secret", hooks.signature("secret", body, at=now - timedelta(hours=1)), body)


def test_the_examples_are_json_and_every_field_of_a_mapping_is_described() -> None:
    assert orjson.loads(_block("json"))["case"]["version"] == 3
    sent = re.search(r"-d '(.*?)'", PAGE)
    assert sent
    assert orjson.loads(sent[1])[0]["no"] == "F-1001"
    assert [name for name in FIELDS if f"`{name}`" not in PAGE] == []
