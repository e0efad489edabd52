"""The claim that Socket.IO takes less code: which counts make it hold."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.claims.claim import Verdict
from lab.claims.convenient import PAIRS, Pair, judge, pair
from lab.code.concerns import Concern, declared
from lab.code.count import WireCode, count
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
def test_the_verdict_is_that_of_the_counts(pairs: list[Pair], verdict: Verdict) -> None:
    assert judge(pairs) is verdict


def test_a_pair_has_all_lines_of_the_application_and_mends_apart() -> None:
    native = WireCode("native", Counter({Concern.ROOMS: 9, Concern.LAB: 5}), Counter(), ())
    library = WireCode(
        "library", Counter({Concern.ROOMS: 2}), Counter({Concern.ROOMS: 1, Concern.MENDS: 7}), ()
    )
    both = pair(native, library)
    assert both.lines["rooms"] == (9, 3)
    assert Concern.LAB not in both.lines
    assert (both.total, both.mends) == ((9, 3), (0, 7))
    assert (both.shorter, both.longer) == (["rooms"], [])


def test_what_is_said_of_the_verdict_is_so() -> None:
    names = {name: registry.WIRES[name] for both in PAIRS for name in both}
    found = {wire.wire: wire for wire in count(names, Sources(), declared()).wires}
    for native, socketio in PAIRS:
        both = pair(found[native], found[socketio])
        assert {"acks", "rooms"} <= {*both.shorter}
        assert {"connections", "limits"} <= {*both.longer}
        assert both.total[0] < both.total[1]
        assert both.lines["history"] == (0, 0)
        assert both.mends[0] < both.mends[1]


def test_the_pairs_are_wires_of_the_registry() -> None:
    assert [name for both in PAIRS for name in both if name not in registry.WIRES] == []
