"""Reads the messages to weigh: a file with one JSON value per line."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator
from typing import Any

import msgspec

MOST_MESSAGES = 20_000
MOST_BYTES = 8 << 20
"""More would take minutes to compress in each pass."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class MessageError(ValueError):
    """A file of messages can't be weighed; the message says which line is wrong."""


def read(content: bytes) -> list[Any]:
    """The values of a file, one from each line that is not blank.

    Raises MessageError for a line that is no JSON, for no message, and for more than
    `MOST_MESSAGES` messages or `MOST_BYTES` bytes.
    """
    if len(content) > MOST_BYTES:
        raise MessageError(f"more than {MOST_BYTES >> 20} MiB: take a part of it")
    values = list(_values(content.removeprefix(BYTE_ORDER_MARK)))
    if not values:
        raise MessageError("there is no message in it")
    if len(values) > MOST_MESSAGES:
        raise MessageError(f"more than {MOST_MESSAGES:,} messages: take a part of them")
    return values


def _values(content: bytes) -> Iterator[Any]:
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            yield _value(number, line)


def _value(number: int, line: bytes) -> Any:
    """The value, which every codec can carry."""
    try:
        value = msgspec.json.decode(line)
        msgspec.msgpack.encode(value)
    except OverflowError as error:
        raise MessageError(f"line {number} has an integer that msgpack can't carry") from error
    except RecursionError as error:
        raise MessageError(f"line {number} is nested too deeply") from error
    except ValueError as error:
        raise MessageError(
            f"line {number} is no JSON, and each line has to be one value: {error}"
        ) from error
    return value
