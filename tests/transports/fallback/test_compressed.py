"""What a fallback's server compresses comes back, and only a client that takes gzip gets it."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.compression import Compression
from transports._fallback import compressed


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("gzip, deflate, br", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, deflate", False),
        ("identity", False),
        ("", False),
    ],
)
def test_gzip_is_for_who_takes_it(accepted: str, taken: bool) -> None:
    assert compressed.takes_gzip(accepted) == taken


@given(
    st.lists(st.binary(max_size=200), max_size=6),
    st.integers(9, 15),
    st.integers(0, 9),
    st.booleans(),
)
def test_each_write_can_be_read_when_it_has_come(
    writes: list[bytes], window: int, level: int, takeover: bool
) -> None:
    how = Compression("set", window, level, takeover)
    send, end = compressed.writes(how)
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    for write in writes:
        assert reader.decompress(send(write)) == write
    reader.decompress(end())
    assert reader.eof
    assert gzip.decompress(compressed.whole(b"".join(writes), how)) == b"".join(writes)


def test_without_compression_a_write_is_itself() -> None:
    send, end = compressed.writes(None)
    assert send(b"x") == b"x"
    assert end() == b""
