"""The room's document says what the code says."""

from __future__ import annotations

import itertools
import re
import runpy
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from lab.chat import commands, events
from lab.chat.limits import Limits

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "generate.py"
TEXT = (ROOT / "docs" / "room.md").read_text(encoding="utf-8")
generate = runpy.run_path(str(SCRIPT))


def rows(heading: str) -> list[str]:
    """The first cells of the table that begins with `heading`."""
    lines = TEXT.split(f"| {heading} |", 1)[1].splitlines()[2:]
    table = itertools.takewhile(lambda line: line.startswith("|"), lines)
    return [line.split("|")[1].strip().strip("`") for line in table]


def test_the_generated_parts_are_current() -> None:
    assert generate["render"](TEXT) == TEXT, "run: python tools/generate.py"


@pytest.mark.parametrize("part", generate["PARTS"])
def test_a_generated_part_that_is_not_current_is_noticed(part: str) -> None:
    begin = f"<!-- begin {part} -->\n"
    assert generate["render"](TEXT.replace(begin, begin + "stale\n")) == TEXT
    with pytest.raises(ValueError, match=f"begin {part}"):
        generate["render"](TEXT.replace(begin, ""))


def test_every_limit_is_documented_with_its_default() -> None:
    assert rows("limit") == list(Limits.__struct_fields__)
    for limit in Limits.__struct_fields__:
        assert f"| `{limit}` | {getattr(Limits(), limit):,} | " in TEXT


def test_every_code_is_documented() -> None:
    assert rows("code") == list(get_args(events.Code))


def test_every_why_is_documented() -> None:
    assert rows("why") == list(get_args(events.Why))


def test_every_command_is_documented_with_its_fields() -> None:
    documented = {row.split(" ")[0]: set(re.findall(r"\w+", row)[1:]) for row in rows("command")}
    assert documented == {
        name: set(kind.__struct_fields__) - {"id"} for name, kind in commands.NAMES.items()
    }
    for name, kind in commands.NAMES.items():
        for field in msgspec.structs.fields(kind):
            optional = f"{field.name}?" in next(row for row in rows("command") if name in row)
            assert optional == (not field.required)


def test_the_conversation_is_made_of_commands_and_events() -> None:
    lines = re.findall(r"^(?:ada|bob) ([<>]) (.*)$", TEXT, re.MULTILINE)
    assert len(lines) > 10
    for way, text in lines:
        read = commands.decode if way == ">" else events.decode
        assert read(text)
