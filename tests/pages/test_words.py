"""Every text of the pages has its words, in both languages, and none lies about unused."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

from server.words import WORDS, words

SERVER = Path(__file__).parents[2] / "server"
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
HAN = re.compile(r"[\u4e00-\u9fff]")


def scripts() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((SERVER / "static" / "js").glob("*.js")))


def test_every_text_asked_for_by_a_script_is_in_the_list() -> None:
    asked = set(re.findall(r'\bt\("((?:[^"\\]|\\.)*)"', scripts()))
    assert asked - set(WORDS) == set()


def test_every_text_in_the_list_is_used() -> None:
    quoted = set(STRING.findall(scripts()))
    assert set(WORDS) - quoted == set()


def test_no_script_words_anything_in_chinese() -> None:
    without_comments = re.sub(r"//.*|/\*.*?\*/", "", scripts(), flags=re.DOTALL)
    assert HAN.findall(without_comments) == []


def test_the_words_are_translated_by_whoever_is_asked() -> None:
    assert set(WORDS) == set(words(str.upper))
    assert words(str.upper)["Grid"] == "GRID"


def test_every_message_has_its_chinese_and_keeps_its_places() -> None:
    with (SERVER / "translations/zh/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file, locale="zh")
    messages = {str(message.id): str(message.string) for message in catalogue if message.id}
    assert [key for key, value in messages.items() if not value] == []
    assert set(WORDS) - set(messages) == set()
    assert [
        key for key, value in messages.items() if set(re.findall(r"\{\w+\}", key)) != set(re.findall(r"\{\w+\}", value))
    ] == []
