"""`lab chat`, as a person runs it: where the page is, what is refused, how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from lab.cli import main
from lab.page.files import HOW_TO_BUILD, is_built

COMMAND = [sys.executable, "-m", "lab.cli", "chat"]
PATIENCE_S = 60


@contextmanager
def chatting(
    *arguments: str, browser: str | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the address that it prints."""
    opening = ["--no-open"] if browser is None else []
    with subprocess.Popen(
        [*COMMAND, *opening, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | ({} if browser is None else {"BROWSER": browser}),
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("the page is at http://"), process.communicate()
            yield process, line.split()[-1]
        finally:
            process.kill()


def refused(*arguments: str) -> str:
    """What the command says where it doesn't even begin."""
    result = CliRunner().invoke(main, ["chat", "--no-open", *arguments])
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    return result.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_ends_when_told_to_though_pages_are_open(number: signal.Signals) -> None:
    with chatting("--port", "0", "--transports", "websocket,sse") as (process, url):
        async with aiohttp.ClientSession() as http:
            sockets = [await http.ws_connect(f"{url}control") for _ in range(2)]
            hello = json.loads((await sockets[0].receive()).data)
            assert [w["name"] for w in hello["transports"] if w["available"]] == [
                "websocket",
                "sse",
            ]
            await sockets[0].send_json({"type": "open", "id": 1, "transport": "sse"})
            process.send_signal(number)
            # Nobody reads on: the close frames are not answered.
            assert await asyncio.to_thread(process.wait, PATIENCE_S) == 0
            assert process.stderr is not None
            said = process.stderr.read()
            assert "Traceback" not in said
            assert "never retrieved" not in said


async def test_it_serves_the_page_or_says_how_to_build_it() -> None:
    with chatting("--port", "0", "--transports", "websocket") as (process, url):
        async with aiohttp.ClientSession() as http, http.get(url) as response:
            text = await response.text()
        process.send_signal(signal.SIGINT)
        _, said = await asyncio.to_thread(process.communicate, None, PATIENCE_S)
        if is_built():
            assert (response.status, "<!doctype html>" in text) == (200, True)
        else:
            assert (response.status, text.strip()) == (503, HOW_TO_BUILD)
        assert (HOW_TO_BUILD in said) is not is_built()


def test_the_browser_is_given_the_whole_address(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {seen}.new && mv {seen}.new {seen}\n')
    script.chmod(0o755)
    with chatting("--port", "0", "--transports", "websocket", browser=f"{script} %s") as (
        process,
        url,
    ):
        for _ in range(PATIENCE_S * 20):
            if seen.exists():
                break
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.05)
        assert seen.read_text().strip() == url


async def test_sharing_needs_a_token_that_nobody_guesses() -> None:
    arguments = ("--port", "0", "--transports", "websocket", "--share", "--host", "127.0.0.1")
    with chatting(*arguments) as (_, url):
        found = re.fullmatch(r"(http://127\.0\.0\.1:\d+/)\?token=([\w-]{20,})", url)
        assert found is not None
        async with aiohttp.ClientSession() as http:
            async with http.get(found[1]) as response:
                assert response.status == 403
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(f"{found[1]}control")
            socket = await http.ws_connect(f"{found[1]}control?token={found[2]}")
            assert (await socket.receive_json())["share"] is True
            await socket.close()
    with chatting(*arguments) as (_, again):
        assert again.rpartition("=")[2] != found[2]


def test_what_other_machines_reach_has_to_be_meant() -> None:
    assert "--share" in refused("--host", "0.0.0.0")
    assert "no IP address" in refused("--host", "example")
    assert "no transport" in refused("--transports", "carrier-pigeon")
    assert "65535" in refused("--port", "65536")


def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refused("--port", port, "--transports", "websocket")
    assert f"127.0.0.1:{port}: the port is in use; choose another" in said
