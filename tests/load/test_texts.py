"""The texts: exact size, all different, reproducible, hard to compress."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.load.texts import incompressible


@given(size=st.integers(8, 2000), count=st.integers(0, 50), seed=st.integers(0, 2**32))
def test_exact_size_different_and_the_same_for_a_seed(size: int, count: int, seed: int) -> None:
    texts = incompressible(size, count, seed)
    assert [len(text.encode()) for text in texts] == [size] * count
    assert len(set(texts)) == count
    assert texts == incompressible(size, count, seed)


def test_another_seed_says_nothing_again() -> None:
    assert set(incompressible(16, 1000, 1)).isdisjoint(incompressible(16, 1000, 2))


@pytest.mark.parametrize("size", [64, 1024, 65536])
def test_compression_saves_a_quarter_at_most(size: int) -> None:
    together = "".join(incompressible(size, max(4, 65536 // size))).encode()
    assert len(zlib.compress(together, 9)) >= 0.75 * len(together)


def test_nothing_has_to_be_escaped_in_json() -> None:
    text = "".join(incompressible(64, 500))
    assert len(json.dumps(text)) == len(text) + 2


def test_more_texts_than_there_are_is_an_error() -> None:
    with pytest.raises(ValueError, match="100 different texts need more than 1 bytes"):
        incompressible(1, 100)
