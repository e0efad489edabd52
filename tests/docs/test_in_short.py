"""The README's first paragraph: few numbers, and each says whose cost it is."""

from __future__ import annotations

import re

from lab.answer import reference
from lab.answer.model import answer
from tests.answer.synthetic import measured
from tools.in_short import in_short

CPU, TRIPS = "server_cpu_us_per_delivery_100", "round_trips_new_connect"


def first_paragraph(text: str) -> str:
    return text.partition("\n\n")[0]


def test_the_first_paragraph_has_at_most_four_numbers() -> None:
    first = first_paragraph(in_short(reference.load().answer()))
    numbers = re.findall(r"(?<![\w/.])\d[\d.]*", first)
    assert 0 < len(numbers) <= 4, numbers


def test_no_cost_is_named_without_whose_it_is() -> None:
    values = {
        "websocket": {CPU: 7.0, TRIPS: 2},
        "socketio": {CPU: 28.0, TRIPS: 5},
        "node-websocket": {CPU: 6.0},
        "node-socketio": {CPU: 7.2},
    }
    first = first_paragraph(in_short(answer(None, [measured("one", values)])))
    assert "1.2 times in Node, with `socket.io` and `ws`; 4 times in Python" in first
    assert "a client in Python waits for 2.5 times as many round trips" in first
    assert "protocol alone" not in first, "nobody measured it"


def test_nothing_measured_leaves_only_what_holds_anyway() -> None:
    text = in_short(answer(None, []))
    assert not re.search(r"\d times|compared with", text)
    assert "In return Socket.IO gives rooms" in text
