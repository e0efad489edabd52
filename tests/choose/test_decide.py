"""The decision: five readers, each rule, and the numbers at which it turns."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from lab.answer import reference
from lab.answer.blocks import DEFAULT, OVER_WEBSOCKET, PLAIN
from lab.answer.evidence import Evidence
from lab.answer.measurements import Value
from lab.choose import bundle, text
from lab.choose.cases import CASES, Case
from lab.choose.constraints import CONSTRAINTS
from lab.choose.decide import BESIDE, Decision, decide
from lab.choose.facts import CANDIDATES, SSE, Facts, Sentence
from lab.choose.needs import Needs
from lab.choose.preferences import PREFERENCES
from lab.claims import CLAIMS
from lab.load.profiles import EXPERIMENTS
from tests.answer.synthetic import measured
from transports import registry

TRIPS, STILL, CPU = "round_trips_new_connect", "connect_p50_ms", "one_cpu_us_100"
BYTES, KIB = "delivery_bytes", "memory_joined_kib"
MEASURED = {
    "websocket": {TRIPS: 2.0, STILL: 1.0, CPU: 10.0, BYTES: 150.0, KIB: 16.0},
    "socketio-websocket": {TRIPS: 3.0, STILL: 1.0, CPU: 40.0, BYTES: 148.0, KIB: 32.0},
    "socketio": {TRIPS: 5.0, STILL: 1.0},
    "socketio-polling": {TRIPS: 4.0, STILL: 1.0, CPU: 80.0, BYTES: 340.0, KIB: 48.0},
    "websocket-tuned": {CPU: 5.0},
}
"""Round numbers, so that a flip can be worked out by hand. Nothing has measured SSE."""
BUNDLE = bundle.Bundle("socket.io-client", "4.8.4", "dist/socket.io.min.js", 47_000, 15_000)
PACKAGED = Evidence((), tuple(reference.load().runs))


def facts(**needs: Any) -> Facts:
    """A reader with a server in Python and 100 members in one room, and these needs."""
    usual: dict[str, Any] = {"server": "python", "members": 100, "rooms": 1, "rate": 1.0}
    return Facts(Needs(**(usual | needs)), Evidence((), (measured("r", MEASURED),)), BUNDLE)


def chosen(**needs: Any) -> str:
    return decide(facts(**needs)).candidate


ANSWERS = {
    "class-project": (DEFAULT, "node-socketio", "lab claims rooms"),
    "live-event": (PLAIN, "websocket", "lab bench --experiment fan_out"),
    "notifications": (SSE, "sse", "lab trace sse"),
    "blocked": (DEFAULT, "node-socketio", "lab claims falls-back"),
    "phone-app": (PLAIN, "node-websocket", "lab claims fixed-partner"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_a_reader_gets_a_specific_recommendation(case: Case) -> None:
    found = decide(Facts(case.needs, PACKAGED, bundle.load()))
    candidate, transport, command = ANSWERS[case.key]
    assert (found.candidate, found.transport) == (candidate, transport)
    assert any((one.command or "").startswith(command) for one in found.reasons)
    assert re.search(r"\d", " ".join(one.text.english for one in found.price))
    assert found.conditions and found.changes and found.brief
    assert not found.unmet


@pytest.mark.parametrize(
    ("needs", "candidate"),
    [
        ({}, PLAIN),
        ({"features": ("rooms",)}, DEFAULT),
        ({"features": ("rooms",), "blocked": "no"}, OVER_WEBSOCKET),
        ({"blocked": "yes"}, DEFAULT),
        ({"direction": "down"}, SSE),
        ({"direction": "down", "blocked": "yes"}, SSE),
        ({"direction": "down", "features": ("acks",)}, DEFAULT),
        ({"features": ("acks",), "client": "app"}, PLAIN),
        ({"client": "app", "blocked": "yes"}, SSE),
        ({"features": ("acks",), "server": "other"}, PLAIN),
        ({"features": ("acks",), "bundle_kb": 14.9}, PLAIN),
        ({"features": ("acks",), "bundle_kb": 15.0}, DEFAULT),
        ({"blocked": "yes", "bundle_kb": 1.0}, SSE),
        ({"features": ("acks",), "client": "app", "bundle_kb": 1.0}, PLAIN),
        # At 50 ms: 251 ms on the default transport, 151 over WebSocket only, 101 without a library.
        ({"features": ("acks",), "connect_ms": 252}, DEFAULT),
        ({"features": ("acks",), "connect_ms": 250}, OVER_WEBSOCKET),
        ({"features": ("acks",), "connect_ms": 150}, PLAIN),
        ({"features": ("acks",), "connect_ms": 250, "rtt_ms": 10}, DEFAULT),
        # Socket.IO fills a core at 25,000 deliveries a second: 250 messages to 100 members.
        ({"features": ("acks",), "rate": 249}, DEFAULT),
        ({"features": ("acks",), "rate": 251}, PLAIN),
        ({"features": ("acks",), "rate": 130, "blocked": "yes"}, DEFAULT),
    ],
    ids=str,
)
def test_each_rule_decides_where_it_should(needs: dict[str, Any], candidate: str) -> None:
    assert chosen(**needs) == candidate


def test_where_nothing_meets_a_limit_the_least_bad_is_taken_and_said() -> None:
    late = decide(facts(features=("acks",), connect_ms=90))
    assert late.candidate == PLAIN
    assert "2 round trips × 50 ms + 1.00 ms = 101 ms" in late.unmet[0].text.english
    busy = decide(facts(features=("acks",), rate=1_100))
    assert busy.candidate == PLAIN
    assert "plain WebSocket at 100" in busy.unmet[0].text.english


def test_a_small_difference_does_not_decide_where_one_core_is_not_enough() -> None:
    near = measured("r", MEASURED | {"socketio-websocket": {CPU: 12.0}})
    found = decide(replace(facts(features=("acks",), rate=1_100), evidence=Evidence((), (near,))))
    assert found.candidate == DEFAULT
    assert found.unmet


def changes(found: Decision, field: str) -> dict[str, str]:
    return {one.condition.english: one.candidate for one in found.changes if one.field == field}


def test_what_would_change_it_has_the_number_at_which_it_flips() -> None:
    found = decide(facts(features=("rooms", "acks")))
    assert changes(found, "rate") == {"more than 250 messages a second in each room": PLAIN}
    assert changes(found, "connect_ms") == {
        "a limit of less than 251 ms until a client can send": OVER_WEBSOCKET,
        "a limit of less than 151 ms until a client can send": PLAIN,
    }
    assert changes(found, "bundle_kb") == {
        "a limit of less than 15.0 kB for the client's code": PLAIN
    }
    assert changes(found, "features") == {"you need none of these from the library": PLAIN}
    assert changes(found, "blocked") == {
        "no network of your users blocks WebSocket": OVER_WEBSOCKET
    }
    busy = decide(facts(features=("rooms",), rate=500))
    assert changes(busy, "rate") == {"less than 250 messages a second in each room": DEFAULT}
    limited = decide(facts(features=("rooms",), connect_ms=101, rtt_ms=10))
    assert changes(limited, "rtt_ms") == {
        "a round trip time of more than 20.0 ms": OVER_WEBSOCKET,
        "a round trip time of more than 33.3 ms": PLAIN,
    }
    assert BESIDE > 0


def test_a_change_is_what_the_rules_then_say() -> None:
    found = decide(facts(features=("rooms",)))
    options = {"the server is on another platform": {"server": "other"}}
    options["the clients are an app with a client of its own"] = {"client": "app"}
    options["only the server sends"] = {"direction": "down"}
    said = {one.condition.english: one.candidate for one in found.changes}
    for condition, other in options.items():
        assert said[condition] == chosen(**({"features": ("rooms",)} | other))


def test_what_was_not_measured_is_named_and_rules_nothing_out() -> None:
    found = decide(facts(direction="down", rate=1e6, connect_ms=1))
    assert found.candidate == SSE
    assert all("Server-Sent Events: not measured here" in one.text.english for one in found.price)
    nothing = decide(replace(facts(), evidence=Evidence((), ())))
    assert (nothing.candidate, nothing.price) == (PLAIN, [])
    blocked = decide(replace(facts(blocked="yes"), evidence=Evidence((), ())))
    assert blocked.brief.english == "it stays on long-polling there"


def test_a_blocked_network_is_charged_for_long_polling() -> None:
    found = decide(facts(features=("acks",), blocked="yes"))
    said = " ".join(one.text.english for one in found.price)
    assert "Socket.IO's default transport on long-polling: 340 B" in said
    assert found.brief.english.endswith("340 B instead of 150")


def test_a_limit_within_the_error_of_a_measurement_is_said_to_be_so() -> None:
    run = measured("r", MEASURED)
    run.values["socketio-websocket"][CPU] = Value(40.0, 38.0, 42.0, 9)
    run.values["socketio"][STILL] = Value(1.0, 0.5, 1.5, 9)
    evidence = Evidence((), (run,))
    # A core is full at 25,000 deliveries a second, and a client connects after 251 ms.
    for needs, said in (
        ({"rate": 251}, "needs more than one core is within"),
        ({"connect_ms": 251.2}, "connects in time is within"),
    ):
        found = decide(replace(facts(features=("acks",), **needs), evidence=evidence))
        assert any(said in one.text.english for one in found.conditions), needs
        far = {name: value * 2 for name, value in needs.items()}
        found = decide(replace(facts(features=("acks",), **far), evidence=evidence))
        assert not any("is within the error" in one.text.english for one in found.conditions)


def test_a_handshake_of_which_only_the_round_trips_are_known_is_said_to_be_so() -> None:
    run = measured("r", MEASURED | {"sse": {TRIPS: 3.0}})
    found = decide(replace(facts(direction="down"), evidence=Evidence((), (run,))))
    assert "3 round trips, 150 ms of network delay alone" in found.price[0].text.english
    late = replace(facts(direction="down", connect_ms=20), evidence=Evidence((), (run,)))
    assert (
        "Server-Sent Events, 3 round trips × 50 ms = 150 ms" in decide(late).unmet[0].text.english
    )


def test_a_recovery_depends_on_the_server() -> None:
    for server, words in {"python": "python-socketio does not", "node": "keeps in Node"}.items():
        assert words in decide(facts(server=server, features=("recovery",))).reasons[0].text.english


def every_sentence() -> list[Sentence]:
    """Every sentence that the rules can give, on every stack."""
    found: list[Sentence] = []
    for server in ("node", "python", "other"):
        usual = Needs(server=server, features=("rooms",))
        for other in ({}, {"direction": "down"}, {"blocked": "yes"}, {"blocked": "no"}):
            one = Facts(msgspec.structs.replace(usual, **other), PACKAGED, BUNDLE)
            limited = replace(
                one, needs=msgspec.structs.replace(one.needs, bundle_kb=1, connect_ms=1)
            )
            for each in (one, limited):
                made = decide(each)
                found += [*made.reasons, *made.price, *made.conditions, *made.unmet]
    return found


def test_every_command_is_one_that_exists() -> None:
    seen = set()
    for one in every_sentence():
        words = (one.command or "").split()
        seen.add(tuple(words[:2]))
        if words[:2] == ["lab", "claims"]:
            assert set(words[2:]) <= set(CLAIMS), one
        elif words[:2] == ["lab", "bench"]:
            at = words.index("--transports")
            assert set(words[at + 1].split(",")) <= set(registry.TRANSPORTS)
            assert set(words[3:at:2]) <= set(EXPERIMENTS)
    assert {("lab", "claims"), ("lab", "bench"), ("lab", "trace"), ("lab", "interop")} <= seen


def test_every_rule_has_a_title_and_every_order_has_every_candidate() -> None:
    assert all(set(one.order) == set(CANDIDATES) for one in PREFERENCES)
    for rules in (CONSTRAINTS, PREFERENCES):
        assert len({one.title for one in rules}) == len({one.key for one in rules}) == len(rules)


def test_a_decision_is_written_for_a_terminal_for_a_document_and_as_json() -> None:
    given = facts(features=("acks",), rate=1_100)
    found = decide(given)
    shown = list(text.lines(given.needs, found, given.evidence))
    assert "Take plain WebSocket (websocket in the lab)." in shown
    assert {"Why", "What it costs", "What would change it"} <= set(shown)
    bare = replace(found, price=[], changes=[])
    assert "What" not in "\n".join(text.lines(given.needs, replace(bare, unmet=[]), given.evidence))
    assert any(line.strip().startswith("lab bench --experiment fan_out") for line in shown)
    assert "reference runs" in shown[-1] and "lab bench" in shown[-1]
    own = Evidence((measured("mine", MEASURED),), given.evidence.reference)
    assert "your run mine" in text.origin(own).english
    values = text.as_values(given.needs, found, given.evidence)
    assert values["recommendation"] == "plain WebSocket"
    assert values["needs"]["rate"] == 1_100
    document = text.markdown(found)
    assert all(one.condition.english in document for one in found.changes)
    assert f"*{text.NOT_TESTED.english}*" in text.markdown(decide(facts(direction="down")))


def test_a_long_line_is_wrapped_and_a_command_is_not() -> None:
    sentence = text.wrapped("  one two three four", 12)
    assert sentence == "  one two\n  three four"
    command = f"{text.COMMAND}lab bench --experiment fan_out"
    assert text.wrapped(command, 12) == command
