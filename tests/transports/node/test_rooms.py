"""Compare the room in JavaScript with the room in Python: the same input has the same effects.

Both are pure, so the tests need no transport. They play random scripts on both, step by step, with
small limits and a clock of the test.
"""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.chat import commands
from lab.chat.commands import BadCommandError, Command
from lab.chat.effects import Effect, Member
from lab.chat.events import Why
from lab.chat.limits import Limits
from lab.chat.names import is_shown
from lab.chat.rooms import TRANSITIONS, Rooms
from tests.chat.strategies import nearly_commands
from tests.chat.test_rooms_model import LIFE, SMALL, anything
from tests.transports.needs_node import needs_node
from transports._node import versions as node_versions

pytestmark = needs_node

Step = dict[str, Any]

DEAR = msgspec.structs.replace(SMALL, page_events=30, log_events=40, log_bytes=100_000)
"""Answers may be so long that they cost more than one token."""

members = st.integers(1, 4)
whys: st.SearchStrategy[Why] = st.sampled_from(["left", "closed", "lost", "slow_consumer"])
# Letters that some rule is about: shown or not, one UTF-16 unit or two, to be escaped or not.
# All are as old as Unicode 3.2: a reason shows newer ones as each runtime's own Unicode has them.
words = st.text(
    st.sampled_from("aé ☕\xa0\u3000\u2028\u202e\u0301\x1f\n'\"\\\U00010330\u2800\u3164\ufe0f"),
    max_size=5,
)
epochs = st.none() | st.sampled_from([f"{LIFE}.1", f"{LIFE}.2", "else.1"])
wild: st.SearchStrategy[Command] = st.one_of(
    st.builds(commands.Join, st.just(1), words, words, st.none() | st.integers(0, 9), epochs),
    st.builds(commands.Leave, st.just(1), words),
    st.builds(commands.Say, st.just(1), words, words, st.none() | words.filter(bool)),
    st.builds(commands.History, st.just(1), words, st.integers(1, 9), st.none()),
    st.builds(commands.Rooms, st.just(1), st.none() | words, st.none() | st.integers(1, 9)),
)


def utf8(command: Command) -> bool:
    """Whether a transport can carry this text."""
    return "\ud800" not in msgspec.to_builtins(command).values()


no_commands = st.sampled_from(["{}", '{"id":7}', '{"type":"shout","id":7}'])
texts = (anything | wild).filter(utf8).map(lambda command: commands.encode(command).decode())


@st.composite
def scripts(draw: st.DrawFn) -> list[Step]:
    """Scripts: the commands of some members with their times, and the ends of some members."""
    now_ms = 0
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 60))):
        now_ms += draw(st.sampled_from([0, 0, 100, 250, 1000, -500]))
        member = draw(members)
        kind = draw(st.integers(0, 15))
        if kind == 0:
            steps.append({"member": member, "gone": draw(whys)})
        elif kind == 1:
            steps.append({"member": member, "text": draw(no_commands), "now_ms": now_ms})
        else:
            steps.append({"member": member, "text": draw(texts), "now_ms": now_ms})
    return steps


class Replayer:
    """A Node program that plays scripts."""

    def __init__(self, program: str = "replay.mjs") -> None:
        self._process = subprocess.Popen(
            [node_versions.program(), node_versions.HERE / "test" / program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, question: object) -> Any:
        """Send one line. Returns the program's answer, which is one line."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the program's input."""
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def node() -> Iterator[Replayer]:
    replayer = Replayer()
    yield replayer
    replayer.close()


@settings(max_examples=150)
@given(steps=scripts(), limits=st.sampled_from([SMALL, DEAR]))
def test_the_same_script_has_the_same_effects(
    node: Replayer, steps: list[Step], limits: Limits
) -> None:
    theirs = node.ask({"limits": msgspec.to_builtins(limits), "life": LIFE, "steps": steps})
    rooms = Rooms(limits, life=LIFE)
    for step, came in zip(steps, theirs, strict=True):
        ours = [_plain(effect) for effect in _take(rooms, step)]
        assert _wordless(ours) == _wordless(came), step


def has_no_point_nought(raw: object) -> bool:
    """Whether no number is written as 1.0: JavaScript can't tell it from 1, Python refuses it."""
    values = raw.values() if isinstance(raw, dict) else ()
    return not any(isinstance(value, float) and value.is_integer() for value in values)


def is_of_a_known_type(raw: dict[str, object]) -> bool:
    """Whether Python's Unicode has each character of the type: Node's may be newer, and a refusal
    quotes the type as each has it.
    """
    words = json.dumps(raw["type"], ensure_ascii=False)
    return all(unicodedata.category(character) != "Cn" for character in words)


@settings(max_examples=300)
@given(
    raw=nearly_commands.filter(has_no_point_nought).filter(is_of_a_known_type)
    | st.text(max_size=40)
)
def test_the_same_texts_are_commands(node: Replayer, raw: object) -> None:
    text = raw if isinstance(raw, str) else json.dumps(raw)
    step = {"member": 1, "text": text, "now_ms": 0}
    [came] = node.ask({"limits": msgspec.to_builtins(Limits()), "steps": [step]})
    ours = [_plain(effect) for effect in _take(Rooms(), step)]
    assert _wordless(came) == _wordless(ours)


def test_the_same_characters_make_a_name(node: Replayer) -> None:
    points = [point for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    names = [*map(chr, points), "", " ", "a ", " a", "a b", "a\ufe0f", " \ufe0f"]
    assert node.ask({"names": names}) == list(map(is_shown, names))


def test_the_tables_are_equal(node: Replayer) -> None:
    theirs = node.ask("transitions")
    ours: dict[str, dict[str, dict[str, str]]] = {"outside": {}, "inside": {}}
    for (presence, kind), row in TRANSITIONS.items():
        name = str(kind.__struct_config__.tag)
        ours[presence][name] = {"to": row.to, "reply": row.reply, "seen": row.seen}
    for rows in theirs.values():
        for row in rows.values():
            del row["act"]
    assert theirs == ours


def _take(rooms: Rooms, step: Step) -> list[Effect]:
    member = Member(step["member"])
    if "gone" in step:
        return rooms.gone(member, step["gone"])
    try:
        command = commands.decode(step["text"])
    except BadCommandError as bad:
        return rooms.refuse(member, bad.refusal, step["now_ms"])
    return rooms.apply(member, command, step["now_ms"])


def _plain(effect: Effect) -> dict[str, Any]:
    return {"kind": type(effect).__name__.lower(), **json.loads(msgspec.json.encode(effect))}


def _wordless(came: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The effects without the texts of refusals of bad input."""
    for effect in came:
        if effect["kind"] == "reply" and effect["event"].get("code") == "bad_command":
            effect["event"]["reason"] = ""
    return came
