"""A file of messages is read line by line, and what is wrong in it is named with its line."""

from __future__ import annotations

import pytest

from lab.weigh import messages
from lab.weigh.messages import MessageError, read


def test_a_line_is_a_value_and_blank_lines_are_none() -> None:
    content = '\ufeff{"a": 1}\r\n\n[1, "한글"]\n"x"\n'.encode()
    assert read(content) == [{"a": 1}, [1, "한글"], "x"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "there is no message in it"),
        (b" \n\n", "there is no message in it"),
        (b'{"a": 1}\n\n{"a": \n', "line 3 is no JSON"),
        (b'1\n"\xff"\n', "line 2 is no JSON"),
        (b"NaN", "line 1 is no JSON"),
        (b"[\n1\n]", "line 1 is no JSON, and each line has to be one value"),
        (b"[" * 100_000, "line 1 is nested too deeply"),
        (b"1\n99999999999999999999", "line 2 has an integer that msgpack can't carry"),
        (b"1\n" * (messages.MOST_MESSAGES + 1), "more than 20,000 messages"),
        (b" " * (messages.MOST_BYTES + 1), "more than 8 MiB"),
    ],
    ids=[
        *("empty", "blank", "cut", "no UTF-8", "NaN", "one array", "deep", "integer", "many"),
        "long",
    ],
)
def test_what_can_t_be_weighed_is_named(content: bytes, says: str) -> None:
    with pytest.raises(MessageError, match=says):
        read(content)
