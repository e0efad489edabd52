"""A sample has exactly the size that was asked for, and is the same for the same seed."""

from __future__ import annotations

import random

import msgspec
import pytest

from lab.weigh import samples
from lab.weigh.messages import MOST_BYTES, MOST_MESSAGES
from lab.weigh.samples import KINDS, LEAST_BYTES, LONGEST_BYTES, make, texts, usual_count


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size_bytes", [*range(LEAST_BYTES, LEAST_BYTES + 9), 1000, LONGEST_BYTES])
def test_a_message_has_the_size(kind: str, size_bytes: int) -> None:
    made = make(kind, size_bytes, 40 if size_bytes <= 1000 else 1, seed=3)
    assert {len(msgspec.json.encode(each)) for each in made} == {size_bytes}
    assert [msgspec.json.decode(each) for each in texts(kind, size_bytes, len(made), 3)] == made


@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_of_the_last_message_fit_in_the_least_size(kind: str) -> None:
    for seed in range(50):
        fields, open_field, fill = KINDS[kind](random.Random(seed), MOST_MESSAGES)
        assert len(msgspec.json.encode({**fields, open_field: fill(0)})) <= LEAST_BYTES


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides(kind: str) -> None:
    assert make(kind, 200, 5, seed=1) == make(kind, 200, 5, seed=1) != make(kind, 200, 5, seed=2)


def test_fewer_messages_of_a_long_one() -> None:
    assert usual_count(LEAST_BYTES) == samples.USUAL_COUNT
    assert usual_count(LONGEST_BYTES) * LONGEST_BYTES == MOST_BYTES
