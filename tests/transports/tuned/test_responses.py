"""The meaning of a request's query, and the reuse of a response."""

from __future__ import annotations

from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from transports._codec.http import parse
from transports._tuned.engineio.responses import Responses, query_of

QUERIES = st.lists(
    st.sampled_from(
        ["EIO", "sid", "t", "4", "x", "", "=", "&", "&", "%3D", "%26", "+", "%zz", "%ff"]
    )
).map("".join)


@given(QUERIES)
def test_a_query_is_read_as_by_the_library(query: str) -> None:
    """python-engineio uses `parse_qs`, and the first value of each parameter."""
    request = parse(b"GET /?%b HTTP/1.1\r\nHost: a" % query.encode())
    assert query_of(request) == {name: values[0] for name, values in parse_qs(query).items()}


def test_the_same_packets_under_other_headers_are_another_response() -> None:
    responses = Responses()
    one, last = responses.payload([b"6"], b""), responses.payload([b"6"], b"Connection: close\r\n")
    assert b"Connection: close\r\n" in last
    assert responses.payload([b"6"], b"").partition(b"Date")[0] == one.partition(b"Date")[0]
