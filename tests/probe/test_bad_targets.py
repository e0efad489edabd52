"""What is no server for a probe gets one sentence and a hint."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from lab.probe.client import Client
from lab.probe.probe import probe
from lab.probe.socket_io import Wishes
from lab.target.endpoint import permit
from lab.target.errors import TargetError
from lab.target.target import parse_target
from tests.probe.conftest import probed
from tests.target.conftest import (
    Serve,
    certificate_in,
    saying,
    serving,
    serving_tls,
    silent,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends headers for as long as the client takes them."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        writer.write(b"X-%d: %s\r\n" % (number, b"y" * 8000))
        await writer.drain()


async def failure(serve: Serve, scheme: str = "http", timeout_s: float = 5) -> str:
    async with serving(serve) as port:
        endpoint = await permit(parse_target(f"{scheme}://127.0.0.1:{port}/"))
        with pytest.raises(TargetError) as failed:
            await probe(Client(endpoint, timeout_s=timeout_s), Wishes(listen_s=0))
        return str(failed.value).replace(str(port), "PORT")


async def test_each_gets_its_own_sentence(subtests: pytest.Subtests) -> None:
    for serve, scheme, said in (
        (saying(b"SSH-2.0-OpenSSH_9.2\r\n"), "http", "speaks SSH, not HTTP: check the port"),
        (saying(b"220 mail ESMTP\r\n"), "http", "speaks SMTP or FTP, not HTTP"),
        (saying(b"-ERR unknown command\r\n", after_request=True), "http", "speaks Redis"),
        (
            saying(b"\x15\x03\x01\x00\x02\x02\x46", after_request=True),
            "http",
            "speaks TLS: try https",
        ),
        (saying(b"\x00garbage\r\n\r\n"), "http", r"is not HTTP: '\x00garbage\r\n\r\n'"),
        (saying(b"", after_request=True), "http", "closed the connection without an answer"),
        (saying(b"HTTP/1.1 200 OK\r\nX: ", after_request=True), "http", "an answer without an end"),
        (endless, "http", "sends an answer of more than 1 MiB"),
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "https", "does not speak TLS: try http://"),
    ):
        with subtests.test(said):
            text = await failure(serve, scheme)
            assert said in text
            assert "\n" not in text
    with subtests.test("silence"):
        text = await failure(silent, timeout_s=0.2)
        assert text.startswith("127.0.0.1:PORT did not answer within 0.2 s: ")


async def test_a_redirect_is_shown_and_not_followed() -> None:
    reached = asyncio.Event()

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        writer.write(OK)

    async with serving(other) as elsewhere:
        head = f"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:{elsewhere}/\r\n"
        redirect = saying(f"{head}Content-Length: 0\r\n\r\n".encode(), after_request=True)
        async with serving(redirect) as port:
            found = await probed(f"http://127.0.0.1:{port}/")
    assert found.page == f"301 to http://127.0.0.1:{elsewhere}/"
    assert not reached.is_set()


async def test_tls(
    tmp_path: Path, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_in(tmp_path)
    context = serving_tls(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK)

    async with serving(serve, context) as port:
        target = parse_target(f"https://localhost:{port}")
        with subtests.test("an untrusted certificate"):
            endpoint = await permit(target)
            with pytest.raises(TargetError, match=r"is not trusted .self-signed certificate"):
                await probe(Client(endpoint))
        with subtests.test("accepted all the same"):
            found = await probe(Client(endpoint, insecure=True), Wishes(listen_s=0))
            assert found.tls is not None
            assert (found.tls.version, found.tls.alpn) == ("TLSv1.3", "h2")
            assert "whom the certificate is for: it was not checked (--insecure)" in found.unknown
        with subtests.test("trusted"):
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            found = await probe(Client(endpoint), Wishes(listen_s=0))
            assert found.tls is not None
            assert found.tls.subject == "localhost, 127.0.0.1"
        with subtests.test("asked without TLS"):
            plain = parse_target(f"http://localhost:{port}/")
            with pytest.raises(TargetError, match=f"try https://localhost:{port}/"):
                await probe(Client(await permit(plain)))


async def test_a_server_that_goes_away_during_the_probe() -> None:
    answered = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        await reader.readuntil(b"\r\n\r\n")
        answered += 1
        if answered == 1:
            writer.write(OK)

    async with serving(serve) as port:
        found = await probed(f"http://127.0.0.1:{port}/")
    assert found.page == "200"
    assert found.native is not None
    assert found.native.answer == "closed without an answer"


async def test_a_port_that_closes_during_the_probe() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = await permit(parse_target(f"http://127.0.0.1:{listener.getsockname()[1]}"))
    with pytest.raises(TargetError, match="nothing listens"):
        await probe(Client(endpoint))
