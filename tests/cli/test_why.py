"""`lab why`: of a file, and of a live link."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result

from lab.cli import main
from lab.contract import ConnectOptions
from lab.measure.server import ServerDiedError, ServerProcess
from lab.relay.capture import Captured, to_line
from tests.why.capture import Conversation, close
from transports import registry

TRANSPORT = "websocket"


def why(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["why", *map(str, arguments)])


def written(folder: Path, captured: Sequence[Captured]) -> Path:
    """A capture file."""
    file = folder / "capture.jsonl"
    file.write_bytes(b"".join(map(to_line, captured)))
    return file


def test_a_capture_names_its_cause_with_evidence_and_advice(tmp_path: Path) -> None:
    talk = Conversation().upgrades().sends("down", close(1009, "frame too big"), 0.1)
    result = why(written(tmp_path, talk.captured))
    assert result.exit_code == 0, result.output
    assert result.output.startswith("1. oversized message\n")
    assert "the server closed with 1009 'frame too big'" in result.output
    assert "raise the limit on both sides" in " ".join(result.output.split())
    (found, *_) = json.loads(why(written(tmp_path, talk.captured), "--json").output)
    assert found["cause"] == "oversized-message"
    assert found["evidence"] and found["advice"] and found["weight"]


def test_a_capture_that_says_nothing_ends_with_1(tmp_path: Path) -> None:
    result = why(written(tmp_path, Conversation().opens().captured))
    assert (result.exit_code, result.output) == (
        1,
        "nothing in this capture says why a connection ended\n",
    )
    assert json.loads(why(written(tmp_path, []), "--json").output) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no-such-file",), "no-such-file can't be read"),
        (("wss://127.0.0.1:1/",), "TLS"),
        (("gopher://127.0.0.1/",), "ws://"),
        (("ws://127.0.0.1:1/", "--listen", "0.0.0.0:0"), "only this machine"),
    ],
)
def test_what_cannot_be_read_is_said(arguments: tuple[str, ...], said: str) -> None:
    result = why(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_file_that_is_no_capture_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hello\n")
    result = why(file)
    assert result.exit_code == 2
    assert "line 1 is no part of a capture" in result.output


async def test_a_live_link_names_why_its_connection_ended(tmp_path: Path) -> None:
    transport, kept = registry.load(TRANSPORT), tmp_path / "live.jsonl"
    with ServerProcess(TRANSPORT) as server:
        port = server.ready["port"]
        command = [sys.executable, "-m", "lab.cli", "why", f"http://127.0.0.1:{port}"]
        watching = subprocess.Popen(
            [*command, "--capture", str(kept)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert watching.stderr is not None
            said = watching.stderr.readline()
            ours = urlsplit(said.split()[4]).port
            url = server.url.replace(f":{port}", f":{ours}", 1)
            connection = await transport.connect(url, lambda _: None, ConnectOptions())
            await connection.join("den", "ann")
            os.kill(server.pid, signal.SIGKILL)
            await connection.closed
            # The socket that listens may close after the connection's.
            with pytest.raises(ServerDiedError):
                await asyncio.to_thread(server.check, 30)
            with pytest.raises(OSError, match=r".*"):
                await transport.connect(url, lambda _: None, ConnectOptions(timeout_s=5))
            assert watching.stdout is not None
            # On a busy machine the verdict may come before the second connection.
            assert watching.stdout.readline() in {"1. peer killed\n", "1. FIN\n"}
            watching.send_signal(signal.SIGINT)
            watching.communicate(timeout=30)
        finally:
            watching.kill()
            watching.communicate()
    again = why(kept)
    assert again.output.startswith("1. peer killed\n")


@pytest.mark.parametrize("command", [("trace", TRANSPORT, "--says", "1")])
def test_a_traced_session_can_be_asked(command: tuple[str, ...], tmp_path: Path) -> None:
    kept = tmp_path / "trace.jsonl"
    result = CliRunner().invoke(main, [*command, "--capture", str(kept)])
    assert result.exit_code == 0, result.output
    assert why(kept).exit_code == 1, "the client left in order"
