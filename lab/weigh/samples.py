"""Makes messages of the kinds that people send, of an exact size as JSON, from a seed."""

from __future__ import annotations

__pure__ = True

import base64
import random
import string
from collections.abc import Callable
from typing import Any

import msgspec

from lab.weigh.messages import MOST_BYTES

LEAST_BYTES = 64
"""The shortest message: the fields of each kind fit in it."""
LONGEST_BYTES = 1 << 20
USUAL_COUNT = 200

NAMES = "mina joon alice bob seoyeon carlos dana erik fatima george hana ivan"
WORDS = (
    "the a to of and in is it you that was for on are with as at be this have from or by but what "
    "some we can out other were all there when up use your how said each she which their time will "
    "meeting server deploy lunch tomorrow thanks ok sure maybe again later broken fixed works"
)
EVENTS = (
    "GET /api/rooms 200",
    "POST /api/messages 201",
    "connection opened",
    "connection closed code=1001",
    "slow query took",
    "cache miss key=user",
    "retry in",
)
PRINTABLE = "".join(
    each for each in string.ascii_letters + string.digits + string.punctuation if each not in '"\\'
)

Fill = Callable[[int], Any]
"""What fills the open field: something that takes this many characters in JSON between quotes."""


def make(kind: str, size_bytes: int, count: int, seed: int) -> list[Any]:
    """`count` messages of a kind, each of `size_bytes` as JSON; the same for the same seed."""
    rng = random.Random(seed)
    return [_exact(*KINDS[kind](rng, number), size_bytes) for number in range(count)]


def texts(kind: str, size_bytes: int, count: int, seed: int) -> list[str]:
    """The same messages as JSON texts."""
    return [msgspec.json.encode(each).decode() for each in make(kind, size_bytes, count, seed)]


def usual_count(size_bytes: int) -> int:
    """How many messages of this size to make where nobody says: fewer of long ones."""
    return min(USUAL_COUNT, MOST_BYTES // size_bytes)


def _exact(fields: dict[str, Any], open_field: str, fill: Fill, size_bytes: int) -> Any:
    """The fields with the open one filled, so that their JSON has the size."""
    least = {**fields, open_field: fill(0)}
    return {**fields, open_field: fill(size_bytes - len(msgspec.json.encode(least)))}


def _words(rng: random.Random, words: list[str]) -> Fill:
    def fill(length: int) -> str:
        return " ".join(rng.choices(words, k=length // 2 + 1))[:length]

    return fill


def _people(rng: random.Random) -> Fill:
    """A list of names; the last one is as long as is needed."""
    names = NAMES.split()

    def fill(length: int) -> list[str]:
        between = '","'
        people = [f"{rng.choice(names)}{rng.randrange(1000)}" for _ in range(length // 5 + 1)]
        text = between.join(people)[:length].rstrip(between)
        return (text + "_" * (length - len(text))).split(between)

    return fill


def _chat(rng: random.Random, number: int) -> tuple[dict[str, Any], str, Fill]:
    said = {"type": "said", "seq": number, "from": rng.choice(NAMES.split())}
    return said, "text", _words(rng, WORDS.split())


def _presence(rng: random.Random, number: int) -> tuple[dict[str, Any], str, Fill]:
    """Who has left one of two rooms, and who is there: mostly the same people each time."""
    left = rng.choice(NAMES.split())
    same_room = random.Random(f"room {rng.getrandbits(1)}")
    return {"type": "presence", "seq": number, "left": left}, "online", _people(same_room)


def _typing(rng: random.Random, number: int) -> tuple[dict[str, Any], str, Fill]:
    return {"type": "typing", "seq": number, "typing": rng.random() < 0.5}, "who", _people(rng)


def _log(rng: random.Random, number: int) -> tuple[dict[str, Any], str, Fill]:
    level = rng.choice(("info", "warn", "debug"))
    at = 1_767_268_800_000 + 37 * number
    words = [*EVENTS, f"{rng.randrange(900)} ms", f"id={rng.getrandbits(32):08x}"]
    return {"at": at, "level": level}, "line", _words(rng, words)


def _base64(rng: random.Random, number: int) -> tuple[dict[str, Any], str, Fill]:
    def fill(length: int) -> str:
        return base64.b64encode(rng.randbytes(length))[:length].decode()

    return {"type": "image", "seq": number}, "data", fill


def _random(rng: random.Random, number: int) -> tuple[dict[str, Any], str, Fill]:
    return {"seq": number}, "data", lambda length: "".join(rng.choices(PRINTABLE, k=length))


KINDS = {
    "chat": _chat,
    "presence": _presence,
    "typing": _typing,
    "log": _log,
    "base64": _base64,
    "random": _random,
}
"""Kind -> what makes the fixed fields of message N, and its open field."""
