"""Which cause a capture speaks for: conversations written down, and all that were observed."""

from __future__ import annotations

import pytest

from lab.relay.capture import Captured, split
from lab.why import table
from lab.why.causes import BY_NAME, CAUSES
from lab.why.recognise import facts_of, rank, recognise
from tests.why.capture import (
    PING,
    PONG,
    SECOND_NS,
    Conversation,
    close,
    masked,
    request,
    response,
)

POLL = "/socket.io/?EIO=4&transport=polling&sid=abc"
EARLY = "/socket.io/1/xhr-polling/abc"


def talk() -> Conversation:
    return Conversation().upgrades()


CASES: dict[str, tuple[str, Conversation]] = {
    "the server's process is gone": (
        "peer-killed",
        talk().happens("fin", 0.1, "down").opens(1, 2).happens("refused", 1),
    ),
    "a reset in a busy conversation": ("reset", talk().happens("reset", 0.1, "down")),
    "an end of TCP, and a connection after it": (
        "fin",
        talk().happens("fin", 0.1, "down").opens(0.5, 2).sends("down", b"HTTP/1.1 200 ", 0.6),
    ),
    "an end just after a ping": (
        "fin",
        talk().sends("down", PING, 0.1).happens("fin", 0.2, "down"),
    ),
    "silence, until the client gives up": (
        "silent-line",
        talk().happens("fin", 9, "up"),
    ),
    "silence, until the client closes": (
        "silent-line",
        talk().sends("up", masked(8, b"\x03\xe8"), 9).happens("fin", 9.1, "up"),
    ),
    "silence, and nobody notices": ("silent-line", talk()),
    "the server is gone between two polls": (
        "server-restart",
        Conversation()
        .opens()
        .sends("up", request(POLL), 0.1)
        .sends("down", response(200, "6", "Connection: close\r\n"), 0.2)
        .happens("fin", 0.2, "down")
        .opens(0.3, 2)
        .happens("refused", 0.3),
    ),
    "silence, after polls on connections of their own": (
        "silent-line",
        Conversation()
        .opens()
        .sends("up", request(POLL), 0.1)
        .sends("down", response(200, "2", "Connection: close\r\n"), 0.2)
        .happens("fin", 0.2, "down")
        .opens(0.3, 2)
        .sends("up", request(POLL), 0.3)
        .happens("fin", 9, "up"),
    ),
    "an end after a minute without a byte": (
        "proxy-timeout",
        talk().happens("fin", 60.05, "down"),
    ),
    "a proxy that says so": (
        "proxy-timeout",
        Conversation()
        .opens()
        .sends("up", request(POLL), 0)
        .sends("down", response(504), 60)
        .happens("fin", 62, "down"),
    ),
    "a ping without a pong, then 1011": (
        "heartbeat-missed",
        talk().sends("down", PING, 1).sends("down", close(1011, "keepalive ping timeout"), 2),
    ),
    "a ping without a pong, then an end of TCP": (
        "heartbeat-missed",
        talk().sends("down", PING, 1).happens("fin", 2, "down"),
    ),
    "a ping without a pong, so far": (
        "heartbeat-missed",
        talk().sends("down", PING, 1).sends("up", PONG, 1.01).sends("down", PING, 2),
    ),
    "a ping of Engine.IO without a pong": (
        "heartbeat-missed",
        Conversation()
        .opens()
        .sends("up", request(POLL), 0)
        .sends("down", response(200, "2"), 1)
        .happens("fin", 2.5, "down"),
    ),
    "1009": ("oversized-message", talk().sends("down", close(1009, "too big"), 0.1)),
    "a large message, and an end": (
        "oversized-message",
        talk().sends("up", masked(1, b"x" * 100_000), 0.1).happens("reset", 0.2, "down"),
    ),
    "413": (
        "oversized-message",
        Conversation().opens().sends("up", request("/x"), 0).sends("down", response(413), 0.1),
    ),
    "another site": (
        "forbidden-origin",
        Conversation()
        .opens()
        .sends("up", request("/room", Origin="https://other.example"), 0)
        .sends("down", response(403), 0.1),
    ),
    "a session that is not there": (
        "unknown-sid",
        Conversation()
        .opens()
        .sends("up", request(POLL), 0)
        .sends("down", response(400, '{"code":1,"message":"Session ID unknown"}'), 0.1),
    ),
    "a session in the path": (
        "unknown-sid",
        Conversation().opens().sends("up", request(EARLY), 0).sends("down", response(404), 0.1),
    ),
    "1001": ("server-restart", talk().sends("down", close(1001, "server shuts down"), 0.1)),
    "the close of Engine.IO": (
        "server-restart",
        Conversation()
        .opens()
        .sends("up", request(POLL), 0)
        .sends("down", response(200, "41\x1e1"), 1),
    ),
    "a close without a code": ("server-restart", talk().sends("down", close(None), 0.1)),
    "a backlog, then an end": (
        "slow-consumer",
        talk()
        .sends("down", b"\x82\x7f" + (2_000_000).to_bytes(8, "big") + bytes(2_000_000), 0.2)
        .happens("fin", 0.3, "down"),
    ),
    "a backlog, then 1008": (
        "slow-consumer",
        talk()
        .sends("down", b"\x82\x7f" + (300_000).to_bytes(8, "big") + bytes(300_000), 0.2)
        .sends("down", close(1008, "slow_consumer"), 0.3)
        .sends("up", masked(8, b"\x03\xf0"), 0.31),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_conversation_speaks_for_its_cause(name: str) -> None:
    expected, conversation = CASES[name]
    found = recognise(conversation.captured, 11 * SECOND_NS)
    assert found, "no cause is named"
    assert found[0].cause == expected, found
    assert all(each.evidence for each in found)


def test_every_cause_has_a_conversation() -> None:
    assert {cause for cause, _ in CASES.values()} == set(BY_NAME)


@pytest.mark.parametrize(
    "conversation",
    [
        Conversation(),
        Conversation().opens(),
        talk().sends("up", masked(8, b"\x03\xe8"), 0.1).sends("down", close(1000), 0.11),
        Conversation().opens().happens("refused", 0.1).happens("closed", 0.2),
        Conversation().opens().sends("up", request("/x"), 0).sends("down", response(404), 0.1),
        talk().happens("cut", 0.1).happens("closed", 0.1),
        Conversation().opens().sends("down", response(500), 0),
    ],
    ids=[
        "empty",
        "no byte",
        "closed by the client",
        "refused",
        "not found",
        "cut on request",
        "an answer without a request",
    ],
)
def test_what_says_nothing_names_nothing(conversation: Conversation) -> None:
    assert recognise(conversation.captured) == []


def test_the_likeliest_comes_first_and_all_are_causes() -> None:
    for _, conversation in CASES.values():
        found = recognise(conversation.captured, 11 * SECOND_NS)
        assert [each.weight for each in found] == sorted(
            (each.weight for each in found), reverse=True
        )
        assert {each.cause for each in found} <= set(BY_NAME)


LOOKS_LIKE = {"heartbeat-missed": "silent-line"}
"""A poll whose client says nothing more looks like a line on which nothing comes."""
OBSERVED = [row for row in table.load().rows if row.facts is not None]


@pytest.mark.parametrize("cause", BY_NAME)
def test_what_was_observed_is_named(cause: str, subtests: pytest.Subtests) -> None:
    """Several causes look the same at the client of some transports; then both are named."""
    mine = [row for row in OBSERVED if row.cause == cause]
    assert mine
    for row in mine:
        with subtests.test(row.transport):
            assert row.facts is not None
            named = [each.cause for each in rank(row.facts)]
            assert {cause, LOOKS_LIKE.get(cause)} & set(named[:3]), (named, row.facts)


def test_nearly_all_are_named_first() -> None:
    first = sum(row.named == row.cause for row in OBSERVED)
    assert first >= 0.95 * len(OBSERVED), [
        (row.transport, row.cause, row.named) for row in OBSERVED if row.named != row.cause
    ]


def test_causes_are_described_for_a_reader() -> None:
    for cause in CAUSES:
        assert cause.meaning.endswith(".")
        assert cause.advice.endswith(".")
        assert len({sign for _, sign in cause.signs}) == len(cause.signs)


def polled(answered: bool) -> list[Captured]:
    """Engine.IO on two connections by turns: the later ping comes on the first of them.

    The first ping has its pong. The second has one if it is `answered`.
    """
    target = "/socket.io/?EIO=4&transport=polling&sid=a"
    pong = request(target, **{"Content-Length": "1"}).replace(b"GET", b"POST") + b"3"
    one = Conversation().opens().sends("up", request(target), 0.1)
    one.opens(0.1, connection=2).sends("up", request(target), 0.2)
    one.sends("down", response(200, "2"), 1).sends("up", pong, 1.1)
    one.connection = 1
    one.sends("down", response(200, "2"), 2)
    if answered:
        one.sends("up", pong, 2.1)
    return one.sends("up", request(target), 2.2).captured


@pytest.mark.parametrize("answered", [False, True])
def test_a_poll_is_no_answer_to_a_heartbeat(answered: bool) -> None:
    chunks, events = split(polled(answered))
    found = facts_of(chunks, events, 8 * SECOND_NS).unanswered_s
    assert found is None if answered else found == pytest.approx(5)
