"""Each case has exactly its own fault, and applies only where it can."""

from __future__ import annotations

import pytest

from lab.handshakes.cases import CASES, NOBODY, RIGHT, Case
from lab.handshakes.opening import Opening
from lab.handshakes.request import HANDSHAKE, Request, handshake

NATIVE = Opening(handshake("ws://127.0.0.1:1/"))
ENGINE_IO = Opening(handshake("ws://127.0.0.1:1/socket.io/?EIO=4&transport=websocket"))
POLLING = Opening(
    Request("GET", "/socket.io/?EIO=4&transport=polling", {"Host": "127.0.0.1:1"}),
    over=Request("GET", "/socket.io/?EIO=4&transport=polling&sid=old", {"Host": "127.0.0.1:1"}),
)
OLD_POLLING = Opening(
    Request("GET", "/socket.io/1/?t=1", {"Host": "127.0.0.1:1"}),
    over=Request("GET", "/socket.io/1/xhr-polling/old?t=2", {"Host": "127.0.0.1:1"}),
)
OPENINGS = {
    "native": NATIVE,
    "Engine.IO": ENGINE_IO,
    "polling": POLLING,
    "old polling": OLD_POLLING,
}


def lines(request: Request) -> list[bytes]:
    return request.encode().split(b"\r\n")


def changes(right: Request, wrong: Request) -> int:
    """The number of removed or added lines, whichever is larger."""
    gone = [line for line in lines(right) if line not in lines(wrong)]
    new = [line for line in lines(wrong) if line not in lines(right)]
    return max(len(gone), len(new))


@pytest.mark.parametrize("opening", OPENINGS.values(), ids=list(OPENINGS))
@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_a_case_is_wrong_in_one_thing(case: Case, opening: Opening) -> None:
    request = case.make(opening)
    if request is None:
        return
    right = opening.upgrade if "Upgrade" in {**request.headers} else opening.request
    if case.name == "no-upgrade":
        right = opening.upgrade
    if case is RIGHT:
        assert request == opening.request
    elif request is not opening.over and request != right:
        assert changes(right, request) == 1
    else:
        # The fault is to upgrade an HTTP session, or to continue one that has ended.
        assert not opening.upgrades


def test_no_two_cases_are_the_same_request() -> None:
    said = {case.name: case.make(ENGINE_IO) for case in CASES.values()}
    encoded = [request.encode() for request in said.values() if request is not None]
    assert len(encoded) == len(CASES) == len(set(encoded))


@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_faults_of_engine_io_apply_to_servers_that_speak_it(case: Case) -> None:
    if case.breaks == "Engine.IO":
        assert case.make(NATIVE) is case.make(OLD_POLLING) is None
        assert case.make(ENGINE_IO) is not None
        assert case.make(POLLING) is not None


def test_an_unknown_session_applies_where_sessions_use_requests() -> None:
    unknown = CASES["unknown-sid"]
    assert unknown.make(NATIVE) is None
    assert unknown.make(OLD_POLLING) is OLD_POLLING.over
    for opening in (ENGINE_IO, POLLING):
        request = unknown.make(opening)
        assert request is not None
        assert request.target.endswith(f"&sid={NOBODY}")


@pytest.mark.parametrize("case", list(CASES.values()), ids=list(CASES))
def test_faults_of_rfc_6455_apply_everywhere_as_an_upgrade(case: Case) -> None:
    if case.breaks == "RFC 6455":
        for opening in OPENINGS.values():
            request = case.make(opening)
            assert request is not None
            assert len({*request.headers} & {*HANDSHAKE}) >= len(HANDSHAKE) - 1
