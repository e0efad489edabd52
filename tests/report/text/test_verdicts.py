"""Each verdict names whose cost it is, and claims no difference that the intervals do not show."""

from __future__ import annotations

from collections.abc import Mapping

from lab.answer.blocks import BLOCKS, VARIANTS
from lab.answer.model import answer
from lab.report.text import blocks as sections
from lab.report.text import verdicts
from tests.answer.synthetic import measured

CPU = "server_cpu_us_per_delivery_100"
TRIPS = "round_trips_new_connect"


def stack(key: str, **values: float) -> dict[str, dict[str, float]]:
    """Figure CPU of the variants of a block."""
    (block,) = (each for each in BLOCKS if each.key == key)
    return {block.transports[variant]: {CPU: value} for variant, value in values.items()}


def sentences(values: Mapping[str, Mapping[str, float]], spread: float = 0.05) -> list[str]:
    return list(verdicts.sentences(answer(measured("mine", values, spread=spread), [])))


def test_each_block_s_cost_is_its_own() -> None:
    found = sentences(
        stack("protocol", plain=1.0, default=1.2)
        | stack("node", plain=6, default=7.2)
        | stack("python", plain=7, default=28)
    )
    assert found == [
        "The protocol alone: a Socket.IO delivery takes 1.20× [1.14, 1.26] the server CPU of "
        "WebSocket.",
        "On Node, a socket.io delivery takes 1.20× [1.14, 1.26] the server CPU of ws.",
        "On Python, a python-socketio delivery takes 4.00× [3.80, 4.20] the server CPU of "
        "websockets: the library's work, not the protocol's.",
    ]


def test_no_difference_is_claimed_that_the_interval_does_not_show() -> None:
    (found,) = sentences(stack("node", plain=6, default=6.1))
    assert "no detectable difference in server CPU (1.02× [0.97, 1.07]) from one over ws" in found
    protocol, python = sentences(
        stack("protocol", plain=1, default=2) | stack("python", plain=7, default=21)
    )
    assert "library's work" not in protocol + python, "the protocol may explain most of it"


def test_another_variant_than_the_default_is_named() -> None:
    (found,) = sentences(stack("node", plain=6, websocket=7.2))
    assert "a socket.io delivery (WebSocket only) takes" in found


def test_round_trips_are_said_for_each_client_and_each_server_that_differs() -> None:
    python = measured("python", {"websocket": {TRIPS: 2}, "socketio": {TRIPS: 5}})
    page = measured(
        "page",
        {
            "websocket": {TRIPS: 2},
            "socketio": {TRIPS: 7},
            "node-websocket": {TRIPS: 2},
            "node-socketio": {TRIPS: 5},
        },
        client="browser",
    )
    assert list(verdicts.sentences(answer(python, [page]))) == [
        "Round trips before a client in Python can send: WebSocket 2, Socket.IO 5.",
        "Round trips before a client in a browser can send: WebSocket 2, socket.io 5, "
        "python-socketio 7.*",
    ]


def test_bytes_are_the_protocol_s_whoever_sends_them() -> None:
    sizes = zip(("websocket", "socketio", "socketio-polling"), (151.2, 148.0, 1347.0), strict=True)
    (found,) = sentences({name: {"delivery_bytes": size} for name, size in sizes})
    assert found == (
        "Bytes of a delivery: WebSocket 151, Socket.IO 148, its long-polling 1\u00a0350."
    )


def test_nothing_measured_gives_no_sentence() -> None:
    assert sentences({}) == []
    assert sentences({"websocket": {CPU: 7.0}}) == []
    assert sentences({"websocket": {TRIPS: 2}}) == []


def test_the_sections_have_a_cell_for_each_variant_and_say_what_is_missing() -> None:
    mine = measured("mine", stack("python", plain=7, default=28))
    reference = measured("reference", stack("node", plain=6, default=7.2))
    found = {each.title: each for each in sections.sections(answer(mine, [reference]))}
    assert list(found) == [
        "The protocol*: servers without a library",
        "On Node*: socket.io against ws",
        "On Python: python-socketio against websockets",
    ]
    python = found["On Python: python-socketio against websockets"]
    lines = {line.title: line.cells for line in python.lines}
    assert lines["server CPU per delivery, 16 in flight, µs"] == [
        "7",
        "28 · 4.00× [3.60, 4.40]",
        "–",
        "–",
    ]
    assert "bytes of a delivery" not in lines, "nobody measured it"
    protocol = found["The protocol*: servers without a library"]
    assert [line.cells[0] for line in protocol.lines] == [sections.NOT_MEASURED]
    assert sections.markdown(answer(mine, [reference])).count("\n") == 1 + 2 * len(found)
    assert {len(line.cells) for each in found.values() for line in each.lines} == {len(VARIANTS)}


def test_each_client_s_round_trips_have_a_title_of_their_own() -> None:
    runs = [measured(it, {"websocket": {TRIPS: 2}}, client=it) for it in ("python", "browser")]
    found = {each.title: each for each in sections.sections(answer(None, runs))}
    python = found["On Python: python-socketio against websockets"]
    assert [line.title for line in python.lines] == [
        "round trips until it can send, client in Python",
        "round trips until it can send, client in a browser",
    ]
