"""A wire measured against itself: how its twin is called, above all figures. Pure.

Two servers of one wire, each in a process of its own, do not differ. Whoever says that they do
would also say so of two wires that don't: that is how the lab's verdicts are checked.
"""

from __future__ import annotations

from collections.abc import Iterable

MARK = "~2"


def twin(wire: str) -> str:
    """The label of the wire's second self."""
    return f"{wire}{MARK}"


def is_twin(label: str) -> bool:
    """Whether this label is a second self's."""
    return label.endswith(MARK)


def original(label: str) -> str:
    """The wire that a label stands for: its own, or that of which it is the twin."""
    return label.removesuffix(MARK)


def with_twins(wires: Iterable[str]) -> list[str]:
    """Every wire, followed by its twin."""
    return [label for wire in wires for label in (wire, twin(wire))]


def in_order(labels: Iterable[str], wires: Iterable[str]) -> list[str]:
    """The labels, once each, in the order of the wires, a twin after its original."""
    wanted = set(labels)
    return [label for label in with_twins(wires) if label in wanted]
