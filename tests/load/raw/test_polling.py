"""HTTP responses in pieces, and payloads of packets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.load.raw.exchange import RawError
from lab.load.raw.polling import Responses


def response(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-LENGTH: %d\r\nDate: today\r\n\r\n%s" % (len(body), body)


@given(st.lists(st.binary(max_size=200), max_size=6), st.lists(st.integers(1, 90), max_size=30))
def test_bodies_come_out_whole_in_pieces_of_any_size(bodies: list[bytes], sizes: list[int]) -> None:
    found: list[bytes] = []

    def take(body: bytes) -> int:
        found.append(body)
        return len(body)

    responses = Responses(take)
    data, count = b"".join(map(response, bodies)), 0
    for size in sizes:
        count += responses.feed(data[:size])
        data = data[size:]
    count += responses.feed(data)
    assert found == bodies
    assert count == sum(map(len, bodies))


@pytest.mark.parametrize(
    ("head", "complaint"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0", "answered with 'HTTP/1.1 400 Bad"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", "does not say how long"),
    ],
)
def test_what_it_does_not_understand_is_an_error(head: bytes, complaint: str) -> None:
    with pytest.raises(RawError, match=complaint):
        Responses(len).feed(head + b"\r\n\r\n")
