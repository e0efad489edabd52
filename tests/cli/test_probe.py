"""`lab probe`, as a person runs it: a screen, JSON, refusals, and no secret in any of them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.contract import Capability, ServeOptions
from lab.service import ChatService
from tests.target.conftest import Serve, saying, serving
from transports import registry

RICHEST = next(
    name
    for name in registry.available()
    if {Capability.ENGINE_IO, Capability.HTTP_SESSION, Capability.WEBSOCKET}
    <= registry.load(name).capabilities
)
SECRET = "hunter22-very-secret"


def run(*arguments: str, width: int = 80) -> Result:
    environment = {"COLUMNS": str(width), "TOKEN": SECRET}
    return CliRunner(env=environment).invoke(main, ["probe", *arguments])


@contextmanager
def in_background(serve: Serve | None = None) -> Iterator[int]:
    """A server in a thread of its own; by default that of the registry's richest transport."""
    ready, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()
    port = 0

    async def main() -> None:
        nonlocal port
        if serve is not None:
            async with serving(serve) as port:
                ready.set()
                await stop.wait()
            return
        async with registry.load(RICHEST).serve(ChatService(), ServeOptions()) as server:
            port = server.address.port
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=[main()])
    thread.start()
    assert ready.wait(30)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()


def test_the_richest_server_fits_a_screen_and_is_json(subtests: pytest.Subtests) -> None:
    with in_background() as port:
        url = f"http://localhost:{port}"
        with subtests.test("a screen"):
            shown = run(url, "--listen", "0", "--namespace", "/admin")
            assert shown.exit_code == 0, shown.output
            lines = shown.stdout.splitlines()
            assert len(lines) <= 24
            assert max(map(len, lines)) <= 80
            for word in ("Engine.IO 4", "ping 25 s + 20 s", "/admin refuses", "5: TCP open 101"):
                assert word in shown.stdout
        with subtests.test("JSON"):
            found = json.loads(run(url, "--listen", "0", "--json").stdout)
            assert found["version"] == 1
            assert [cost["round_trips"] for cost in found["transports"]] == [4, 3, 5]


def test_no_secret_is_shown_that_a_server_repeats(subtests: pytest.Subtests) -> None:
    seen: list[bytes] = []

    async def repeat(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        authorization = head.partition(b"Authorization: ")[2].partition(b"\r\n")[0]
        body = b'0{"sid":"%s"}' % SECRET.encode()
        answer = b"HTTP/1.1 200 OK\r\nServer: %s\r\nLocation: %s\r\nContent-Length: %d\r\n\r\n%s"
        writer.write(answer % (authorization, authorization, len(body), body))

    with in_background(repeat) as port:
        arguments = [f"http://localhost:{port}/?token=env:TOKEN", "--listen", "0"]
        arguments += ["--header", "Authorization: Bearer env:TOKEN", "--auth", '{"t":"env:TOKEN"}']
        for option in ([], ["--json"]):
            with subtests.test(" ".join(option) or "a screen"):
                result = run(*arguments, *option)
                assert result.exit_code == 0, result.output
                assert SECRET not in result.output
                assert "****" in result.output
    assert all(f"Bearer {SECRET}".encode() in head for head in seen)
    assert any(f"GET /?token={SECRET} ".encode() in head for head in seen)


def test_a_row_has_a_few_lines_at_most() -> None:
    head = b"".join(b"X-Forwarded-%d: %s\r\n" % (n, b"y" * 70) for n in range(30))
    answer = b"HTTP/1.1 404 Not Found\r\n%sContent-Length: 0\r\n\r\n" % head
    with in_background(saying(answer, after_request=True)) as port:
        result = run(f"http://localhost:{port}", "--listen", "0")
    assert result.exit_code == 0, result.output
    assert "… (--json has all)" in result.stdout
    assert len(result.stdout.splitlines()) <= 24


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["localhost:3000"], "write the scheme too"),
        (["http://192.0.2.1/"], "add --i-own 192.0.2.1"),
        (["http://localhost", "--i-own", "a b"], "is no host"),
        (["http://localhost", "--header", "Cookie: a=b"], "env:NAME"),
        (["http://localhost", "--header", "X-A: env:NONE"], "NONE is not set"),
        (["http://localhost", "--namespace", "admin"], "it begins with /"),
        (["http://localhost", "--auth", "{"], "the value is no JSON"),
        (["http://localhost", "--timeout", "0"], "--timeout"),
        (["http://localhost:1"], "nothing listens at localhost port 1"),
    ],
)
def test_what_cannot_be_probed_ends_with_2_and_a_sentence(arguments: list[str], said: str) -> None:
    result = run(*arguments, width=200)
    assert result.exit_code == 2, result.output
    assert said in result.output
    assert "Traceback" not in result.output
