"""Which targets may be used, and what a client of them can reach."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from typing import Any

import pytest

from lab.target.client import http_session, websocket
from lab.target.endpoint import permit
from lab.target.errors import TargetError
from lab.target.permission import Bounds, Permission
from lab.target.problems import explained, problem_of
from lab.target.target import parse_target
from lab.target.tls import tls
from tests.target.conftest import saying, serving, silent

FOREIGN = "192.0.2.1"
"""TEST-NET-1 (RFC 5737): no machine has this address."""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.9.9.9", "0.0.0.0"])
async def test_a_server_of_this_machine_is_permitted(host: str) -> None:
    listener = socket.create_server(("0.0.0.0", 0))
    with listener:
        endpoint = await permit(parse_target(f"http://{host}:{listener.getsockname()[1]}"))
    assert not endpoint.foreign
    assert endpoint.bounds == Bounds()


@pytest.mark.parametrize("host", [FOREIGN, "8.8.8.8", "[2001:db8::1]", "[::ffff:192.0.2.1]"])
async def test_a_foreign_host_is_refused_before_anything_is_sent(host: str) -> None:
    with pytest.raises(TargetError, match=r"is not of this machine: if .* add --i-own"):
        await permit(parse_target(f"http://{host}"))


def answering(*addresses: str) -> Any:
    """A resolver that gives these addresses for every name, as DNS under foreign control may."""

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    return getaddrinfo


async def test_one_foreign_address_among_local_ones_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering("127.0.0.1", FOREIGN))
    with pytest.raises(TargetError, match=rf"mixed.example \({FOREIGN}\) is not of this machine"):
        await permit(parse_target("http://mixed.example"))


async def test_an_owned_host_is_used_at_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    async with serving(saying(answer, after_request=True)) as port:
        monkeypatch.setattr(socket, "getaddrinfo", answering("127.0.0.1"))
        target = parse_target(f"http://rebound.example:{port}")
        endpoint = await permit(target, Permission.owning(["rebound.example"]))
        monkeypatch.setattr(socket, "getaddrinfo", answering(FOREIGN))
        async with http_session(endpoint) as session, session.get(target.http_url) as response:
            assert await response.text() == "hi"


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.1:{other}/", "http://other.example/", "//127.0.0.2:{port}/"]
)
async def test_a_redirect_elsewhere_is_not_followed(elsewhere: str) -> None:
    reached = asyncio.Event()

    async def other(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    async with serving(other) as other_port:
        location = b""
        redirect = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n"

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(redirect % location)

        async with serving(serve) as port:
            location = elsewhere.format(other=other_port, port=port).encode()
            target = parse_target(f"http://127.0.0.1:{port}/")
            endpoint = await permit(target)
            async with http_session(endpoint) as session:
                with pytest.raises(TargetError, match="redirects to"):
                    await session.get(target.http_url)
                with pytest.raises(TargetError, match="redirects to"):
                    await session.ws_connect(target.http_url)
            with pytest.raises(TargetError, match="status 302"), explained(target):
                await websocket(endpoint)
    assert not reached.is_set()


async def test_a_resolver_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        asked.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(TargetError, match=r"slow\.example did not answer within 0\.1 s"):
        await permit(parse_target("http://slow.example"), timeout_s=0.1)
    asked.set()


# --- what goes wrong is one sentence ---


async def get(port: int, scheme: str = "http", timeout_s: float = 5) -> None:
    """Ask a server for its page, as every client of a target does."""
    target = parse_target(f"{scheme}://127.0.0.1:{port}/page")
    with explained(target, timeout_s):
        endpoint = await permit(target, timeout_s=timeout_s)
        async with (
            http_session(endpoint, timeout_s=timeout_s) as session,
            session.get(target.http_url) as response,
        ):
            await response.read()


async def failure(serve: Any, scheme: str = "http", timeout_s: float = 5) -> str:
    async with serving(serve) as port:
        with pytest.raises(TargetError) as failed:
            await get(port, scheme, timeout_s)
        return str(failed.value).replace(str(port), "PORT")


async def test_a_closed_port_says_that_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TargetError, match=f"nothing listens at 127.0.0.1 port {port}: start"):
        await get(port)


async def test_each_wrong_server_gets_a_sentence(subtests: pytest.Subtests) -> None:
    endless = b"HTTP/1.1 200 OK\r\n" + b"".join(
        b"X-%d: %s\r\n" % (n, b"y" * 4000) for n in range(9)
    )
    for serve, scheme, said in (
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "http", "does not answer in HTTP/1.1"),
        (saying(b"\x00\x01\x02 garbage\r\n\r\n"), "http", "does not answer in HTTP/1.1"),
        (saying(b"", after_request=True), "http", "closed the connection without an answer"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", after_request=True), "http", ""),
        (saying(endless + b"X-Long: " + b"z" * 99_999, after_request=True), "http", "HTTP/1.1"),
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "https", "does not speak TLS: try http://"),
        (saying(b""), "https", "127.0.0.1:PORT"),
    ):
        with subtests.test(said):
            text = await failure(serve, scheme)
            assert said in text
            assert "Traceback" not in text
            assert "\n" not in text


async def test_a_silent_server_is_given_up() -> None:
    text = await failure(silent, timeout_s=0.2)
    assert text == (
        "127.0.0.1:PORT did not answer within 0.2 s: check the port, or give a longer --timeout"
    )


def test_errors_of_the_system_and_of_tls() -> None:
    target = parse_target("https://host/x")
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert "the name host has no address" in str(problem_of(unknown, target))
    unreachable = OSError(113, "No route to host")
    assert "can't be reached (No route to host)" in str(problem_of(unreachable, target))
    untrusted = ssl.SSLCertVerificationError(1, "verify failed")
    untrusted.verify_message = "self-signed certificate"
    wrapped = RuntimeError("library")
    wrapped.__cause__ = untrusted
    text = str(problem_of(wrapped, target))
    assert "is not trusted (self-signed certificate)" in text
    assert "--insecure" in text
    assert "did not answer as expected (odd)" in str(problem_of(RuntimeError("odd"), target))


def test_tls_checks_certificates_unless_told_otherwise() -> None:
    assert tls().verify_mode is ssl.CERT_REQUIRED
    assert tls(insecure=True).verify_mode is ssl.CERT_NONE
