"""What a probe reads from packets, headers and captures; and how it says what it found."""

from __future__ import annotations

import gzip

import pytest

from lab.probe.between import cookies, describe_cookies, headers_between
from lab.probe.cost import cost_of_handshake
from lab.probe.findings import (
    Browser,
    EarlySocketIo,
    Findings,
    Namespace,
    NativeWebSocket,
    SocketIo,
    Tls,
    TransportCost,
)
from lab.probe.packets import (
    connect_packet,
    describe_messages,
    query,
    read_admission,
    read_early,
    read_open,
    read_open_3,
    shown,
)
from lab.probe.response import Response
from lab.probe.sentences import cost_row, rows
from lab.probe.unknown import unknown
from lab.relay.capture import Chunk, ConnectionEvent


@pytest.mark.parametrize(
    "text", ["", "0", "0{", '0{"sid":1}', '0["sid"]', "2", "0" + '{"a":' * 9999, '3:0{"a"}']
)
def test_what_is_no_open_packet(text: str) -> None:
    assert read_open(text) is None
    assert read_open_3(text) is None


def test_open_packets_of_both_versions() -> None:
    assert read_open('0{"sid":"a","upgrades":[]}') == {"sid": "a", "upgrades": []}
    assert read_open('96:0{"sid":"a"}2:40') is None
    assert read_open_3('96:0{"sid":"a"}2:40') == {"sid": "a"}


def test_packets_for_namespaces() -> None:
    assert query(4, "polling") == "EIO=4&transport=polling"
    assert query(4, "websocket", "a/b") == "EIO=4&transport=websocket&sid=a%2Fb"
    assert connect_packet("/") == "40"
    assert connect_packet("/admin") == "40/admin,"
    assert connect_packet("/admin", {"token": "x"}) == '40/admin,{"token":"x"}'
    assert read_admission('40{"sid":"a"}', "/") == Namespace("/", True)
    assert read_admission('40/a,{"sid":"a"}', "/") is None
    assert read_admission('44/a,{"message":"no\\n"}', "/a") == Namespace("/a", False, "no·")
    assert read_admission('44/a,"no"', "/a") == Namespace("/a", False, "no")
    assert read_admission("44/a,not JSON", "/a") == Namespace("/a", False)
    assert read_admission("2", "/") is None


def test_messages_in_a_line_each() -> None:
    assert describe_messages(["hi\n", b"abc", "hi\n", "x" * 99]) == (
        "hi·",
        "3 bytes",
        shown("x" * 99),
    )
    packets: list[str | bytes] = [
        '42["hi",1]',
        "2",
        b"abc",
        '42/a,7["there"]',
        '451-["file",{}]',
        "42[1]",
        "42[",
        "0",
    ]
    assert describe_messages(packets, engine_io=True) == ("hi", "there in /a", "file")
    assert len(shown("x" * 99)) == 60


def test_the_handshake_of_early_socket_io() -> None:
    found = read_early("abc:15:25:websocket,xhr-polling\n")
    assert found == EarlySocketIo(15, 25, ("websocket", "xhr-polling"))
    assert read_early("abc::25:sse") == EarlySocketIo(None, 25, ("sse",))
    assert read_early("<html>") is None


def test_headers_and_cookies() -> None:
    one = Response(
        200,
        (("date", "x"), ("server", "nginx"), ("set-cookie", "AWSALB=a=b; Path=/"), ("via", "p")),
    )
    other = Response(404, (("x-forwarded-for", "y"), ("server", "nginx"), ("set-cookie", "=x")))
    assert headers_between([one, other]) == (
        ("server", "nginx"),
        ("via", "p"),
        ("x-forwarded-for", "y"),
    )
    assert cookies(one) == {"AWSALB": "a=b"}
    assert cookies(other) == {}
    assert describe_cookies(one) == ("AWSALB (AWS)",)
    assert describe_cookies(Response(200, (("set-cookie", "id=1"),))) == ("id",)


def test_a_response() -> None:
    assert Response(101).opened
    assert str(Response(404)) == "404"
    assert str(Response(problem="no answer")) == "no answer"
    packed = Response(200, (("content-encoding", "gzip"),), gzip.compress(b"hi"))
    assert packed.text == "hi"
    assert Response(200, (("content-encoding", "gzip"),), b"broken").text == ""
    assert Response(200, (("a", "1"), ("a", "2"))).all("a") == ["1", "2"]
    assert Response(200).get("a") is None


HEAD = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n"
OPEN = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n0{"sid":"a"}'


def test_engine_io_without_socket_io_has_bytes_and_no_round_trips() -> None:
    chunks = [Chunk(1, "up", 2, HEAD), Chunk(1, "down", 3, OPEN)]
    found = cost_of_handshake("e", [3, 1, 2], chunks, [ConnectionEvent(1, "opened", 1)], "TLSv1.2")
    assert found.round_trips is None
    assert found.connect_ns == 2
    assert found.tls_round_trips == 2
    assert found.up.total == len(HEAD)
    assert found.down.framing == 12
    assert cost_row(found)[2] == "–"


# --- the screen ---

BARE = Findings(
    target="http://x/", address="::1", foreign=False, dial_ns=1000, page="404", browser=Browser()
)


def said(found: Findings) -> dict[str, str]:
    return dict(rows(found))


def test_a_server_with_nothing() -> None:
    assert said(BARE) == {
        "http://x/": "::1, TCP in 1 us, GET 404",
        "Socket.IO": "no",
        "Headers": "no proxy shows itself",
        "Foreign page": "can't read answers (no CORS); a foreign Host gets None",
        "Not learned": "–",
    }
    assert list(unknown(BARE, 1)) == []


def test_a_native_server() -> None:
    closed = NativeWebSocket(resource="/", answer="no answer")
    assert said(with_(native=closed))["WebSocket"] == "no: / answers nothing (no answer)"
    refused = NativeWebSocket(resource="/", answer="404")
    assert said(with_(native=refused))["WebSocket"] == "no: / answers with status 404"
    opened = NativeWebSocket(
        resource="/",
        answer="101",
        opened=True,
        extensions=("permessage-deflate",),
        subprotocol="mqtt",
        unasked=("hi",),
        pong_ns=1_000_000,
        pings=2,
        subprotocols_offered=("mqtt",),
    )
    text = said(with_(native=opened))
    assert text["WebSocket"] == (
        "opens at /; permessage-deflate; subprotocol mqtt; pong in 1 ms; 2 pings came"
    )
    assert text["Unasked"] == "hi"
    assert "the longest message that WebSocket takes" in " ".join(unknown(with_(native=opened), 1))
    odd = NativeWebSocket(
        resource="/",
        answer="101",
        opened=True,
        accept_valid=False,
        takes_any_subprotocol=True,
        pings=1,
        closed=(1003, "no"),
    )
    assert said(with_(native=odd))["WebSocket"] == (
        "opens at /; Sec-WebSocket-Accept is WRONG (RFC 6455 4.2.2); no compression; "
        "takes any subprotocol; no pong; 1 ping came; closed by itself: 1003 no"
    )
    quiet = NativeWebSocket(
        resource="/", answer="101", opened=True, subprotocols_offered=("a", "b")
    )
    assert said(with_(native=quiet))["WebSocket"].endswith("subprotocol none; no pong")
    sentences = list(unknown(with_(native=quiet), 1))
    assert "whether WebSocket has a heartbeat: no ping came in 1 s (--listen)" in sentences
    assert "subprotocols beside the 2 that were offered" in sentences


def with_(**fields: object) -> Findings:
    import msgspec

    return msgspec.structs.replace(BARE, **fields)


def test_a_socket_io_server() -> None:
    found = with_(
        target="https://x/",
        tls=Tls(version="TLSv1.3", cipher="AES", alpn="h2", subject="x", expires="2030"),
        socket_io=SocketIo(
            path="/socket.io/",
            versions=(3, 4),
            transports=("polling", "websocket"),
            upgrades=("websocket", "webtransport"),
            ping_interval_ms=25_000,
            ping_timeout_ms=20_000,
            max_payload=1_000_000,
            namespaces=(Namespace("/", True), Namespace("/a", False, "no"), Namespace("/b", None)),
            unasked=("hi",),
            sticky="cookie",
            cookies=("AWSALB (AWS)",),
        ),
        browser=Browser(
            allow_origin="*",
            allow_credentials=True,
            preflight="204",
            websocket="101",
            polling="403",
            host="421",
        ),
        headers=(("server", "x"), ("via", "y")),
        failed=(("Socket.IO polling", "no answer"),),
    )
    text = said(found)
    assert text["https://x/"] == "::1, TCP and TLS in 1 us, GET 404"
    assert text["TLS"] == "TLSv1.3, AES, ALPN h2; for x, until 2030"
    assert text["Socket.IO"] == (
        "Engine.IO 3 and 4 at /socket.io/; polling and websocket, upgrades to websocket, "
        "webtransport; ping 25 s + 20 s; maxPayload 1 MB; no compression"
    )
    assert text["Namespaces"] == "/ admits a client; /a refuses (no); /b does not answer"
    assert text["Sessions"] == (
        "sets AWSALB (AWS); found again only with its cookie: several servers need sticky sessions"
    )
    assert text["Unasked"] == "event hi"
    assert text["Headers"] == "server: x; via: y"
    assert text["Fails"] == "Socket.IO polling (no answer)"
    assert text["Foreign page"] == (
        "can read answers (CORS * with cookies); can open a WebSocket (101); can't poll (403); "
        "a foreign Host gets 421"
    )
    assert "whether WebTransport works: it is offered, and was not tried" in list(unknown(found, 1))


def test_engine_io_alone_and_older_servers() -> None:
    alone = with_(socket_io=SocketIo(path="/e/", versions=(4,), transports=("polling",)))
    assert said(alone)["Namespaces"] == (
        "none answers: this is Engine.IO without Socket.IO, or Socket.IO with another parser"
    )
    assert said(alone)["Sessions"] == "no cookie"
    assert said(alone)["Socket.IO"] == (
        "Engine.IO 4 at /e/; polling; ping unknown + unknown; maxPayload unknown"
    )
    older = with_(socket_io=SocketIo(path="/e/", versions=(3,)))
    assert said(older)["Socket.IO"] == "Engine.IO 3 at /e/"
    assert list(unknown(older, 1)) == ["what Engine.IO 3 sends after its first packet"]
    early = with_(early=EarlySocketIo(15, 25, ("sse",)))
    assert said(early)["Socket.IO"] == "0.7 to 0.9 by sse; heartbeat 15 s"
    off = with_(early=EarlySocketIo(None, None, ("sse",)))
    assert said(off)["Socket.IO"] == "0.7 to 0.9 by sse; heartbeat off"


def test_tls_that_was_not_checked() -> None:
    found = with_(tls=Tls(version="TLSv1.3", cipher="AES", alpn=None, subject="", expires=""))
    assert said(found)["TLS"] == "TLSv1.3, AES, ALPN none"
    assert list(unknown(found, 1)) == [
        "whom the certificate is for: it was not checked (--insecure)"
    ]


def test_the_row_of_a_transport() -> None:
    cost = TransportCost(
        name="WebSocket",
        connect_ns=1_250_000,
        round_trips=2,
        purposes=("TCP", "101"),
        tls_round_trips=1,
    )
    assert cost_row(cost) == (
        "WebSocket",
        "1.2",
        "2 + 1 TLS: TCP 101",
        "0 + 0 + 0",
        "0 + 0 + 0",
    )
