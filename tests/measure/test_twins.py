"""The names of twins: no wire's own, and in an order that both sides of `lab bench` agree on."""

from __future__ import annotations

from lab.measure.twins import in_order, is_twin, original, twin, with_twins
from transports import registry


def test_a_twin_is_told_from_every_wire_and_leads_back_to_its_own() -> None:
    for wire in registry.WIRES:
        assert not is_twin(wire)
        assert is_twin(twin(wire))
        assert original(twin(wire)) == original(wire) == wire
    assert not {twin(wire) for wire in registry.WIRES} & registry.WIRES.keys()


def test_a_twin_stands_after_its_original_once_whatever_was_said() -> None:
    labels = with_twins(["a", "b"])
    assert labels == ["a", "a~2", "b", "b~2"]
    assert in_order(["b~2", "a", "b", "a", "a~2"], ["a", "b"]) == labels
    assert in_order(["b~2", "a"], ["a", "b"]) == ["a", "b~2"]
