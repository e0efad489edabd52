"""A durable server that is killed at any moment has all that it acknowledged, once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lab.chat.events import Arrived, Departed, Message, Said
from lab.contract import Capability
from tools import crashes
from tools.crashes import Fault, History
from transports import registry

CRASHES = 3


def _able(name: str) -> bool:
    can = registry.load(name).capabilities
    return {Capability.NATIVE_FRAMES, Capability.SHARED_ROOM, Capability.MASK_CHECK} <= can


@pytest.mark.parametrize("sync", ["normal", "full"])
def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path, sync: str) -> None:
    name = next(name for name in registry.available() if _able(name))
    seed = random.SystemRandom().randrange(2**32)
    history = crashes.run(name, tmp_path / "rooms.db", CRASHES, seed, sync)
    assert len(history.acknowledged) >= CRASHES, f"too little was said, with seed {seed}"


def _history() -> History:
    history = History()
    history.saw(Arrived("lab", "ada", 1))
    history.saw(Message("lab", 2, "ada", "hi", 5))
    history.said["hi"] = "ada"
    history.acknowledge("hi", Said(1, "lab", 2, 5))
    history.saw(Departed("lab", "ada", 3, "lost"))
    return history


def test_a_planted_fault_is_found() -> None:
    assert _history().faults() == []
    (lost := _history()).acknowledge("never", Said(1, "lab", 4, 5))
    assert lost.faults() == ["'never' is lost"]
    (doubled := _history()).saw(Message("lab", 4, "ada", "hi", 5))
    assert doubled.faults() == ["'hi' is doubled"]
    (gap := _history()).saw(Arrived("lab", "bob", 5))
    assert gap.faults() == ["seq 4 is missing"]
    (twice := _history()).saw(Departed("lab", "ada", 4, "lost"))
    assert twice.faults() == ["ada is inside twice"]
    with pytest.raises(Fault, match="seq 2 was"):
        _history().saw(Message("lab", 2, "ada", "other", 5))
    with pytest.raises(Fault, match="'hi' was 2 and is 9"):
        _history().acknowledge("hi", Said(1, "lab", 9, 5))
