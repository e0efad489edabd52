"""Every server's answers: what its capabilities promise, and known behaviour of its library.

Where the second part fails after an update, a library has changed: correct the table here, and
docs/handshake-errors.md by `lab handshake-errors --markdown`.
"""

from __future__ import annotations

import asyncio
from functools import cache

import pytest

from lab.contract import Capability
from lab.handshakes.answer import After, Answer
from lab.handshakes.cases import CASES, RIGHT
from lab.handshakes.servers import Subject, alone, of_transport
from lab.handshakes.survey import Column, survey
from tests.conformance.client import PATIENCE_S
from tests.interop.conftest import needs
from transports import registry

ALONE = {subject.name: subject for subject in alone()}


def names() -> list[str]:
    """Every server: the transports with a room on a socket, or unavailable; then libraries
    alone.
    """
    without = [
        name
        for name in registry.available()
        if not registry.load(name).capabilities >= {Capability.ROOM, Capability.HTTP_1}
    ]
    return [name for name in (*registry.TRANSPORTS, *ALONE) if name not in without]


def subject(name: str) -> Subject:
    if name in ALONE:
        return ALONE[name]
    try:
        return of_transport(registry.load(name))
    except registry.UnavailableError as missing:
        needs(f"{name} {missing}")
        raise


@cache
def asked(name: str) -> Column:
    """A server's answers to every case, collected once. No server is silent for long: see below."""
    (column,) = asyncio.run(
        survey([subject(name)], list(CASES.values()), PATIENCE_S, lambda *_: None)
    )
    return column


@pytest.fixture(params=names())
def column(request: pytest.FixtureRequest) -> Column:
    """Each server, one after the other."""
    subject(request.param)
    return asked(request.param)


def can(column: Column, capability: Capability) -> bool:
    return (
        column.name in registry.TRANSPORTS and capability in registry.load(column.name).capabilities
    )


def test_the_right_handshake_is_accepted(column: Column) -> None:
    answer = column.answers[RIGHT.name]
    assert (answer.status, answer.after) == (101 if column.websocket else 200, After.KEPT)


def test_every_handshake_gets_an_answer_or_a_close(column: Column) -> None:
    deaf = [name for name, answer in column.answers.items() if answer.after is After.DEAF]
    assert not deaf


def test_faults_of_rfc_6455_are_sent_to_every_server(column: Column) -> None:
    applies = {name for name, case in CASES.items() if case.breaks in {"nothing", "RFC 6455"}}
    assert applies <= {*column.answers}


def test_faults_of_engine_io_are_sent_to_servers_that_speak_it(column: Column) -> None:
    applies = {name for name, case in CASES.items() if case.breaks == "Engine.IO"}
    spoken = can(column, Capability.ENGINE_IO) or column.name in ALONE
    assert applies & {*column.answers} == (applies if spoken else set())
    sessions = spoken or can(column, Capability.HTTP_SESSION)
    assert ("unknown-sid" in column.answers) == sessions


@pytest.mark.parametrize("case", ["wrong-version", "no-version", "no-key", "short-key"])
def test_an_impossible_handshake_is_refused(column: Column, case: str) -> None:
    """RFC 6455, 4.2.2: an unsupported version MUST get a 4xx; so does a handshake without a key."""
    answer = column.answers[case]
    if column.websocket:
        assert answer.status is not None
        assert 400 <= answer.status < 500


@pytest.mark.parametrize("case", ["no-host", "two-keys"])
def test_a_field_that_must_occur_exactly_once_is_required(column: Column, case: str) -> None:
    """RFC 9112 section 3.2, RFC 6455 section 11.3.1; the transport itself checks this."""
    if column.name in registry.TRANSPORTS:
        assert column.answers[case].status == 400


def test_a_foreign_origin_is_refused(column: Column) -> None:
    if can(column, Capability.ORIGIN):
        assert column.answers["foreign-origin"].status in {400, 403}


def test_no_transport_keeps_a_refused_session(column: Column) -> None:
    if column.name in registry.TRANSPORTS:
        assert not [name for name, answer in column.answers.items() if answer.left]


def test_a_server_without_websocket_never_switches_to_it(column: Column) -> None:
    if not column.websocket:
        assert all(answer.status != 101 for answer in column.answers.values())


@pytest.mark.parametrize(
    "case", ["no-upgrade", "no-connection", "wrong-version", "no-version", "no-key", "short-key"]
)
def test_a_server_without_websocket_ignores_the_upgrade(column: Column, case: str) -> None:
    """RFC 9110 section 7.8: a server may ignore `Upgrade`, and its response is that of HTTP/1.1."""
    if not column.websocket:
        assert column.answers[case].status == 200


def test_an_oversized_header_is_refused_and_the_connection_closed(column: Column) -> None:
    assert column.answers["oversized-header"].by_the_documents


DEVIATIONS: dict[str, dict[str, str]] = {
    "websockets": {
        "http-1.0": "505 closed",
        "wrong-path": "101 kept",
    },
    "aiohttp": {
        "http-1.0": "101 kept",
    },
    "ws": {
        "no-upgrade": "426 kept",
        "http-1.0": "101 kept",
    },
    "socket.io": {
        "http-1.0": "101 kept",
        "wrong-path": "hung up",
        "no-eio": "101 then 400 closed",
        "eio-3": "101 then 400 closed",
        "eio-5": "101 then 400 closed",
    },
    "python-socketio": {
        "http-1.0": "101 kept",
        "eio-3": "400 kept",
    },
}
"""Library -> what its servers of WebSocket answer otherwise than by a 4xx and the end, and why it
is worth knowing: RFC 6455 asks for HTTP/1.1."""


def test_a_library_behaves_as_known(column: Column) -> None:
    library = column.library.rpartition(" ")[0]
    if column.websocket:
        expected = DEVIATIONS.get(library, {})
        assert {name: column.answers[name].kind for name in expected} == expected


VERSIONS = {"ws": "13, 8", "socket.io": "13, 8"}
"""Library -> what it says that it would speak, when it refuses a version; the others say nothing,
though RFC 6455 (4.2.2, 4.4) has them send Sec-WebSocket-Version."""


def test_only_some_libraries_name_the_version_that_they_support(column: Column) -> None:
    library = column.library.rpartition(" ")[0]
    if column.websocket and library in DEVIATIONS:
        assert column.answers["wrong-version"].version == VERSIONS.get(library)


PYTHON_SOCKETIO: dict[str, Answer] = {
    "no-upgrade": Answer(400, After.KEPT, left=0),
    "no-connection": Answer(500, After.KEPT, left=1),
    "wrong-version": Answer(400, After.KEPT, left=1),
    "no-version": Answer(400, After.KEPT, left=1),
    "no-key": Answer(400, After.KEPT, left=1),
    "short-key": Answer(400, After.KEPT, left=1),
    "no-transport": Answer(200, After.KEPT),
    "polling-upgrade": Answer(200, After.KEPT),
    "no-eio": Answer(400, After.KEPT, left=0),
    "eio-3": Answer(400, After.KEPT, left=0),
    "two-keys": Answer(101, After.KEPT),
    "unknown-transport": Answer(400, After.KEPT, left=0),
    "unknown-sid": Answer(400, After.KEPT, left=0),
}
"""What python-socketio does by itself. It makes a session before it looks at the handshake, which
is why the lab's transports look first; without `transport` it means polling."""


def test_python_socketio_alone_behaves_as_known() -> None:
    answers = asked("python-socketio alone").answers
    found = {name: str(answers[name]) for name in PYTHON_SOCKETIO}
    assert found == {name: str(answer) for name, answer in PYTHON_SOCKETIO.items()}


def test_a_server_without_a_session_count_reports_none() -> None:
    elsewhere = [
        name
        for name in registry.available()
        if registry.load(name).capabilities >= {Capability.ROOM, Capability.HTTP_1}
        and Capability.SHARED_ROOM not in registry.load(name).capabilities
    ]
    for name in elsewhere:
        assert all(answer.left is None for answer in asked(name).answers.values())
