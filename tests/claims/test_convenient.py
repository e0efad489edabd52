"""Which counts of lines make the claim `convenient` hold."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.claims._support.claim import Verdict
from lab.claims.convenient import PAIRS, SIMPLE, Pair, judge, pair
from lab.code.concerns import Concern, declared
from lab.code.count import TransportCode, count
from lab.code.sources import Sources
from transports import registry

LESS = Pair("native", "library", {"rooms": (9, 3), "acks": (4, 4)})
MIXED = Pair("native", "library", {"rooms": (9, 3), "acks": (4, 5)})
MORE = Pair("native", "library", {"rooms": (9, 9), "acks": (4, 5)})


@pytest.mark.parametrize(
    ("pairs", "verdict"),
    [
        ([LESS], Verdict.HOLDS),
        ([LESS, LESS], Verdict.HOLDS),
        ([LESS, MORE], Verdict.DEPENDS),
        ([MIXED], Verdict.DEPENDS),
        ([LESS, MIXED], Verdict.DEPENDS),
        ([MORE], Verdict.DOES_NOT_HOLD),
        ([Pair("native", "library", {"rooms": (9, 9)})], Verdict.DOES_NOT_HOLD),
    ],
)
def test_the_verdict_follows_from_the_counts(pairs: list[Pair], verdict: Verdict) -> None:
    assert judge(pairs) is verdict


def test_a_pair_counts_the_application_without_the_workarounds() -> None:
    native = TransportCode("native", Counter({Concern.ROOMS: 9, Concern.LAB: 5}), Counter(), ())
    library = TransportCode(
        "library",
        Counter({Concern.ROOMS: 2}),
        Counter({Concern.ROOMS: 1, Concern.WORKAROUNDS: 7}),
        (),
    )
    both = pair(native, library)
    assert both.lines["rooms"] == (9, 3)
    assert Concern.LAB not in both.lines
    assert (both.total, both.workarounds) == ((9, 3), (0, 7))
    assert (both.shorter, both.longer) == (["rooms"], [])


def test_the_counts_agree_with_the_explanation_of_the_verdict() -> None:
    names = {name: registry.TRANSPORTS[name] for both in PAIRS for name in both}
    found = {
        transport.transport: transport
        for transport in count(names, Sources(), declared()).transports
    }
    for native, socketio in PAIRS:
        both = pair(found[native], found[socketio])
        assert {"acks", "rooms"} <= {*both.shorter}
        assert {"connections", "limits"} <= {*both.longer}
        assert both.total[0] < both.total[1]
        assert both.lines["history"] == (0, 0)
        assert both.workarounds[0] < both.workarounds[1]


def test_the_pairs_are_transports_of_the_registry() -> None:
    assert [name for both in PAIRS for name in both if name not in registry.TRANSPORTS] == []


def test_a_simple_chat_is_shorter_on_socketio_as_the_verdict_says() -> None:
    found = {it.transport: it for it in count({}, Sources(), declared()).simple}
    assert {name for both in SIMPLE for name in both} == found.keys()
    python, javascript = (pair(found[native], found[socketio]) for native, socketio in SIMPLE)
    for both in (python, javascript):
        assert {"framing", "rooms", "resume"} <= {*both.shorter}
    assert python.total[0] / 2 < python.total[1] < python.total[0]
    assert javascript.total[1] < javascript.total[0] / 2
