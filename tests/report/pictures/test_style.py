"""The looks of the transports are distinct with any colour vision, and without colour."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from lab.report.model.summary import NO_SOCKET
from lab.report.pictures import style
from lab.report.pictures.style import Look
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
"""Linear RGB under a colour vision deficiency (Machado, Oliveira & Fernandes 2009, severity 1)."""
_LMS = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
_LAB = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])
JUST = 2.0
"""The least difference that can be seen, of two patches side by side, in hundredths of OKLab."""


def linear(colour: str) -> Floats:
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def seen(colour: str, vision: str) -> Floats:
    """A colour in OKLab (Ottosson 2020), under a colour vision."""
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


def every_transport() -> dict[str, Look]:
    return style.looks(list(registry.TRANSPORTS), NO_SOCKET)


def unknown(count: int) -> list[str]:
    return [f"transport-{number}" for number in range(count)]


def test_no_two_transports_look_alike() -> None:
    found = every_transport()
    assert list(found) != []
    assert set(found) == set(registry.TRANSPORTS)
    assert len({(look.colour, look.marker) for look in found.values()}) == len(found)
    assert len({(look.marker, look.line) for look in found.values()}) == len(found), "in grey"


@pytest.mark.parametrize("vision", VISION)
def test_different_colours_are_distinct(vision: str) -> None:
    colours = sorted({look.colour for look in every_transport().values()})
    for one, other in combinations(colours, 2):
        assert difference(one, other, vision) > 3 * JUST, f"{one} and {other}"


@pytest.mark.parametrize("vision", VISION)
def test_one_marker_in_two_colours_is_clearly_distinct(vision: str) -> None:
    for one, other in combinations(every_transport().values(), 2):
        if one.marker == other.marker:
            apart = difference(one.colour, other.colour, vision)
            assert apart > 4 * JUST, f"{one} and {other}"


@pytest.mark.parametrize("ground", ["#ffffff", "#0d1117"], ids=["light", "dark"])
def test_colours_stand_out_from_the_page(ground: str) -> None:
    for transport, look in every_transport().items():
        assert contrast(look.colour, ground) > 1.9, transport


def test_a_look_does_not_depend_on_who_else_is_in_the_run() -> None:
    found = every_transport()
    for transport, look in found.items():
        assert style.looks([transport], NO_SOCKET) == {transport: look}
    few = ["socketio", "websocket"]
    assert style.looks(few, NO_SOCKET) == {transport: found[transport] for transport in few}


def test_the_same_protocol_on_another_stack_has_the_same_colour() -> None:
    found = every_transport()
    stacks = {
        transport: transport.removeprefix("node-").removesuffix("-tuned") for transport in found
    }
    others = {
        transport: base for transport, base in stacks.items() if base != transport and base in found
    }
    assert others
    for transport, base in others.items():
        assert found[transport].colour == found[base].colour
        assert found[transport].marker != found[base].marker
        assert found[transport].line != found[base].line


def test_transports_that_are_new_get_looks_that_are_free() -> None:
    looks = style.looks([*unknown(20), "floor"], "floor")
    assert len({(look.colour, look.line) for look in looks.values()}) == 21
    first = [looks[transport] for transport in unknown(7)]
    assert len({look.marker for look in first}) == 7
    assert len({look.colour for look in first}) == 7
    mixed = style.looks([*registry.TRANSPORTS, *unknown(20)], NO_SOCKET)
    assert len({(look.colour, look.marker) for look in mixed.values()}) == len(mixed)
    assert mixed["websocket"] == every_transport()["websocket"]


def test_there_is_a_look_for_however_many() -> None:
    assert len(style.looks(unknown(200), NO_SOCKET)) == 200
