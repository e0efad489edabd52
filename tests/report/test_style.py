"""The looks of the wires: told apart with any colour vision, and without colour at all."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from lab.report import style
from lab.report.style import Look
from lab.report.summary import FLOOR
from transports import registry

Floats = npt.NDArray[np.float64]

VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]
    ),
    "deuteranopia": np.array(
        [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]
    ),
    "tritanopia": np.array(
        [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]
    ),
}
"""Linear RGB as others see it (Machado, Oliveira & Fernandes 2009, severity 1)."""
_LMS = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
_LAB = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])
JUST = 2.0
"""The least difference that can be seen, of two patches side by side, in hundredths of OKLab."""


def linear(colour: str) -> Floats:
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def seen(colour: str, vision: str) -> Floats:
    """A colour in OKLab (Ottosson 2020), as somebody sees it."""
    light = np.clip(VISION[vision] @ linear(colour), 0, 1)
    return np.asarray(_LAB @ np.cbrt(np.clip(_LMS @ light, 0, None)), np.float64)


def difference(one: str, other: str, vision: str) -> float:
    return 100 * float(np.linalg.norm(seen(one, vision) - seen(other, vision)))


def brightness(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(colour: str, ground: str) -> float:
    low, high = sorted((brightness(colour), brightness(ground)))
    return (high + 0.05) / (low + 0.05)


def every_wire() -> dict[str, Look]:
    return style.looks(list(registry.WIRES), FLOOR)


def unknown(count: int) -> list[str]:
    return [f"wire-{number}" for number in range(count)]


def test_no_two_wires_look_alike() -> None:
    found = every_wire()
    assert list(found) != []
    assert set(found) == set(registry.WIRES)
    assert len({(look.colour, look.marker) for look in found.values()}) == len(found)
    assert len({(look.marker, look.line) for look in found.values()}) == len(found), "in grey"


@pytest.mark.parametrize("vision", VISION)
def test_colours_that_differ_are_told_apart(vision: str) -> None:
    colours = sorted({look.colour for look in every_wire().values()})
    for one, other in combinations(colours, 2):
        assert difference(one, other, vision) > 3 * JUST, f"{one} and {other}"


@pytest.mark.parametrize("vision", VISION)
def test_one_marker_in_two_colours_is_told_apart_at_a_glance(vision: str) -> None:
    for one, other in combinations(every_wire().values(), 2):
        if one.marker == other.marker:
            apart = difference(one.colour, other.colour, vision)
            assert apart > 4 * JUST, f"{one} and {other}"


@pytest.mark.parametrize("ground", ["#ffffff", "#0d1117"], ids=["light", "dark"])
def test_colours_stand_out_from_the_page(ground: str) -> None:
    for wire, look in every_wire().items():
        assert contrast(look.colour, ground) > 1.9, wire


def test_a_look_does_not_depend_on_who_else_is_in_the_run() -> None:
    found = every_wire()
    for wire, look in found.items():
        assert style.looks([wire], FLOOR) == {wire: look}
    few = ["socketio", "websocket"]
    assert style.looks(few, FLOOR) == {wire: found[wire] for wire in few}


def test_the_same_protocol_on_another_stack_has_the_same_colour() -> None:
    found = every_wire()
    stacks = {wire: wire.removeprefix("node-").removesuffix("-tuned") for wire in found}
    others = {wire: base for wire, base in stacks.items() if base != wire and base in found}
    assert others
    for wire, base in others.items():
        assert found[wire].colour == found[base].colour
        assert found[wire].marker != found[base].marker
        assert found[wire].line != found[base].line


def test_wires_that_are_new_get_looks_that_are_free() -> None:
    looks = style.looks([*unknown(20), "floor"], "floor")
    assert len({(look.colour, look.line) for look in looks.values()}) == 21
    first = [looks[wire] for wire in unknown(7)]
    assert len({look.marker for look in first}) == 7
    assert len({look.colour for look in first}) == 7
    mixed = style.looks([*registry.WIRES, *unknown(20)], FLOOR)
    assert len({(look.colour, look.marker) for look in mixed.values()}) == len(mixed)
    assert mixed["websocket"] == every_wire()["websocket"]


def test_there_is_a_look_for_however_many() -> None:
    assert len(style.looks(unknown(200), FLOOR)) == 200
