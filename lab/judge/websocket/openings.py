"""Opening handshakes (RFC 6455 section 4): right ones, and ones that a server has to refuse."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha1

from lab.decode.headers import parameters
from lab.handshakes.cases import CASES as HANDSHAKES
from lab.handshakes.cases import Case as Handshake
from lab.handshakes.link import RawConnection, head_of
from lab.handshakes.opening import Opening
from lab.handshakes.request import Request
from lab.judge.case import Case
from lab.judge.player import STATUS_AT, Player, status_words
from lab.judge.verdict import OK, Finding, failed, first_difference, not_strict

ACCEPTED = "websocket/openings"
REFUSED = "websocket/wrong openings"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What a server appends to the key (section 1.3)."""
ANOTHER_KEY = b64encode(bytes(range(200, 216))).decode()
PATH_OR_ORIGIN = ("wrong-path", "foreign-origin", "oversized-header")
"""Cases of `lab.handshakes` that a server need not refuse: it decides by its own rules."""

NOT_THIS_VERSION = 505
"""The one status of 5xx that blames the request (RFC 9110 section 15.6.6)."""

Change = Callable[[Request], Request]
Check = Callable[[dict[str, str], Request], tuple[str, str, str] | None]
"""Reads the headers of a 101: what was expected, what is there, and in which header; or None."""


def accept_of(key: str) -> str:
    """The `Sec-WebSocket-Accept` for a key (section 4.2.2, 5.4)."""
    return b64encode(sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()


def accepted(name: str, section: str, change: Change, check: Check | None = None) -> Case:
    """A case with a right opening: the server accepts it, and the headers of its 101 are right."""

    async def play(player: Player) -> Finding:
        async with player.dial() as connection:
            request = change(player.site.opening)
            response = await player.upgrade(connection, request)
            head = head_of(response)
            assert head is not None
            fields: dict[str, str] = {}
            for field, value in head.headers:
                fields[field.decode()] = value.decode("latin-1")
            wrong = check(fields, request) if check is not None else None
            return OK if wrong is None else _header(connection, *wrong)

    return Case(ACCEPTED, name, f"RFC 6455 {section}", play)


def _header(connection: RawConnection, expected: str, got: str, header: str) -> Finding:
    """The finding about a header of the response: where its value differs from the expected one."""
    data = connection.received[: connection.position]
    field = data.lower().find(f"\r\n{header}:".encode())
    if field < 0:
        return failed(f"{header}: {expected}", "no such header", len(data) - 2)
    value = field + len(header) + 3
    value += len(data[value:]) - len(data[value:].lstrip())
    at = value + first_difference(data[value:], expected.encode())
    return failed(f"{header}: {expected}", got, at)


def has_accept(fields: dict[str, str], request: Request) -> tuple[str, str, str] | None:
    """Section 4.2.2, 5.4: the key's digest."""
    right = accept_of(request.headers["Sec-WebSocket-Key"])
    name = "sec-websocket-accept"
    got = fields.get(name, "")
    return None if got == right else (right, got, name)


def has_upgrade(fields: dict[str, str], _: Request) -> tuple[str, str, str] | None:
    """Section 4.2.2, 5.2: `websocket`, in upper or lower case (section 4.1)."""
    got = fields.get("upgrade", "")
    return None if got.lower() == "websocket" else ("websocket", got, "upgrade")


def has_connection(fields: dict[str, str], _: Request) -> tuple[str, str, str] | None:
    """Section 4.2.2, 5.3: a list with `upgrade` in it."""
    got = fields.get("connection", "")
    tokens = {token.strip().lower() for token in got.split(",")}
    return None if "upgrade" in tokens else ("Upgrade", got, "connection")


def lacks(header: str) -> Check:
    """The server names nothing that the client has not offered (section 4.1)."""

    def check(fields: dict[str, str], _: Request) -> tuple[str, str, str] | None:
        got = fields.get(header)
        return None if got is None else ("", got, header)

    return check


def offered_only(fields: dict[str, str], _: Request) -> tuple[str, str, str] | None:
    """The server accepts only extensions that the client has offered (section 9.1)."""
    name = "sec-websocket-extensions"
    got = fields.get(name, "")
    chosen = [parameters(one) for one in got.split(",") if one.strip()]
    known = all(one and one[0].lower() == "permessage-deflate" for one in chosen)
    return None if known else ("permessage-deflate, or nothing", got, name)


def refused(
    name: str,
    section: str,
    change: Change,
    *,
    may: bool = False,
    says: str | None = None,
) -> Case:
    """A case with a wrong opening: the server answers with a status of 4xx.

    `may`: the server need not refuse it. `says`: a header that the answer must have.
    """

    async def play(player: Player) -> Finding:
        async with player.dial() as connection:
            connection.send(change(player.site.opening).encode())
            response = await connection.response(player.site.patience_s)
            head = head_of(response)
            if head is None and connection.ended and not connection.received:
                return not_strict("4xx", "the connection ended without an answer", 0)
            if head is None:
                return failed("4xx", status_words(response), 0)
            if not (400 <= head.status_code < 500 or head.status_code == NOT_THIS_VERSION):
                wrong = not_strict if may or head.status_code >= 500 else failed
                return wrong("4xx", status_words(response), STATUS_AT)
            if says is not None and not any(field == says.encode() for field, _ in head.headers):
                return failed(f"{says} in the answer", "no such header", response.body - 2)
            return OK

    return Case(REFUSED, name, f"RFC 6455 {section}", play)


def _of_handshake(case: Handshake) -> Case:
    """A case of `lab handshake-errors`, for a server that answers opening handshakes."""

    def change(request: Request) -> Request:
        made = case.make(Opening(request))
        assert made is not None, f"{case.name} applies to every opening"
        return made

    section = case.clause.removeprefix("RFC 6455 ")
    found = refused(case.wrong, section, change, may=case.name in PATH_OR_ORIGIN)
    return Case(found.group, found.name, case.clause, found.play)


async def _in_pieces(player: Player) -> Finding:
    request = player.site.opening.encode()
    async with player.dial() as connection:
        for at in range(0, len(request), 7):
            connection.send(request[at : at + 7])
            await asyncio.sleep(0)
        response = await connection.response(player.site.patience_s)
        head = head_of(response)
        right = head is not None and head.status_code == 101
        return OK if right else failed("101", status_words(response), STATUS_AT)


def _having(**headers: str) -> Change:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: request.having(named)


def _in_lower_case(request: Request) -> Request:
    return request._replace(headers={k.lower(): v for k, v in request.headers.items()})


def _with_key(size: int) -> Change:
    return _having(Sec_WebSocket_Key=b64encode(bytes(size)).decode())


CASES = (
    accepted("the right opening", "4.2.2", lambda r: r),
    accepted("the accept value of the RFC's key", "4.2.2, 5.4", lambda r: r, has_accept),
    accepted(
        "the accept value of another key",
        "4.2.2, 5.4",
        _having(Sec_WebSocket_Key=ANOTHER_KEY),
        has_accept,
    ),
    accepted("Upgrade in the answer", "4.2.2, 5.2", lambda r: r, has_upgrade),
    accepted("Connection in the answer", "4.2.2, 5.3", lambda r: r, has_connection),
    accepted(
        "no subprotocol that is not offered", "4.1", lambda r: r, lacks("sec-websocket-protocol")
    ),
    accepted(
        "no extension that is not offered", "4.1", lambda r: r, lacks("sec-websocket-extensions")
    ),
    accepted(
        "an unknown extension is not accepted",
        "9.1",
        _having(Sec_WebSocket_Extensions="x-lab-unknown; a=1"),
        lacks("sec-websocket-extensions"),
    ),
    accepted(
        "an unknown extension beside a known one",
        "9.1",
        _having(Sec_WebSocket_Extensions="x-lab-unknown, permessage-deflate"),
        offered_only,
    ),
    accepted("Upgrade in capitals", "4.2.1, 3", _having(Upgrade="WebSocket")),
    accepted("Connection in small letters", "4.2.1, 4", _having(Connection="upgrade")),
    accepted("Connection is a list", "4.2.1, 4", _having(Connection="keep-alive, Upgrade")),
    accepted("header names in small letters", "4.2.1", _in_lower_case),
    accepted("a header that nobody knows", "4.2.1", _having(X_Lab_Unknown="1")),
    Case(ACCEPTED, "an opening in pieces", "RFC 6455 4.2.1", _in_pieces),
    *(_of_handshake(case) for case in HANDSHAKES.values() if case.breaks == "RFC 6455"),
    *(
        refused(name, section, change)
        for name, (section, change) in {
            "another Upgrade": ("4.2.1, 3", _having(Upgrade="h2c")),
            "another Connection": ("4.2.1, 4", _having(Connection="close")),
            "an empty key": ("4.2.1, 5", _having(Sec_WebSocket_Key="")),
            "a key that is not base64": ("4.2.1, 5", _having(Sec_WebSocket_Key="?")),
            "a key of 15 bytes": ("4.2.1, 5", _with_key(15)),
            "a key of 17 bytes": ("4.2.1, 5", _with_key(17)),
            "version 12": ("4.2.1, 6", _having(Sec_WebSocket_Version="12")),
            "a version that is no number": ("4.2.1, 6", _having(Sec_WebSocket_Version="thirteen")),
            "an empty version": ("4.2.1, 6", _having(Sec_WebSocket_Version="")),
            "PUT": ("4.2.1, 1", lambda r: r._replace(method="PUT")),
        }.items()
    ),
    refused(
        "the answer to another version names the right one",
        "4.4",
        _having(Sec_WebSocket_Version="99"),
        says="sec-websocket-version",
    ),
)

assert len(b64decode(ANOTHER_KEY)) == 16, "section 4.1 asks for 16 bytes"
