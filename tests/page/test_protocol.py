"""A page's messages are read. One that can't be read is refused, with its id if it has one."""

from __future__ import annotations

import pytest

from lab.page import protocol
from lab.page.protocol import OpenLink, RequestError


def test_a_request_is_read() -> None:
    assert protocol.decode('{"type":"open","id":3,"transport":"sse"}') == OpenLink(3, "sse")


@pytest.mark.parametrize("text", ["", "[]", '{"type":"fly","id":1}', "[" * 100_000, '"\ud800"'])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="no message of the protocol"):
        protocol.decode(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type":"fly","id":7}', 7),
        ('{"type":"fly"}', None),
        ('{"id":-1}', None),
        ("{", None),
        ('"\ud800"', None),
    ],
)
def test_the_id_of_a_message_is_found_where_it_can_be_read(text: str, expected: int | None) -> None:
    assert protocol.id_of(text) == expected
