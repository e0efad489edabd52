"""`lab load` on servers that are not the lab's, with the scenarios that ship."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lab import record
from lab.cli import main
from lab.cli.scenarios import examples
from lab.record import Run
from lab.report.model.scenario import loaded
from tests.load.scenario.faulty import faulty
from tests.load.scenario.sites import free_port

ROOT = Path(__file__).parents[2]
SERVERS = ROOT / "tests" / "load" / "scenario" / "servers"
SECRET = "wild-strawberries-1957"
SHORT = ("--rate", "100", "--duration", "0.5")

COMMANDS = {
    "socketio-chat": ["node", "chat.cjs", "{port}"],
    "ws-broadcast": ["node", "broadcast.cjs", "{port}"],
    "python-socketio-rooms": ["{python}", "-m", "uvicorn", "rooms:app", "--port", "{port}"],
}


def lab(*arguments: str | Path) -> Result:
    environment = {"COLUMNS": "100", "CHAT_TOKEN": SECRET}
    return CliRunner().invoke(main, ["load", *map(str, arguments)], env=environment)


def words(result: Result) -> str:
    """What was printed, without how it was broken into lines."""
    return " ".join(result.output.split())


def with_server(name: str, folder: Path) -> Path:
    """The example `name` with the command of its server."""
    modules = ROOT / "transports" / "node" / "node_modules"
    server = (
        f"[server]\ncommand = {COMMANDS[name]}\ncwd = '{SERVERS}'\n"
        f"env = {{NODE_PATH = '{modules}'}}\n"
    )
    path = folder / f"{name}.toml"
    path.write_text(f"{examples()[name]}\n{server}")
    return path


def the_run(results: Path) -> Run:
    (folder,) = (path.parent for path in results.glob("*/run.json"))
    return record.load(folder)


def test_every_example_has_a_server_here() -> None:
    assert COMMANDS.keys() == examples().keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_loads_its_server(name: str, tmp_path: Path) -> None:
    url = f"http://localhost:{free_port()}/"
    if "websocket" in examples()[name].split("transport")[1].split("\n")[0]:
        url = url.replace("http", "ws")
    result = lab(
        f"{url}?key=env:CHAT_TOKEN",
        with_server(name, tmp_path),
        *SHORT,
        "--results",
        tmp_path / "results",
    )
    assert result.exit_code == 0, result.output
    assert "target " in words(result)
    run = the_run(tmp_path / "results")
    assert run.info.status == "complete"
    found = loaded(run)
    assert found is not None
    assert (found.name, found.void) == (name, None)
    assert found.total("deliveries") > 0
    assert found.total("deliveries_lost") + found.total("doubled") + found.total("stray") == 0
    (whole,) = found.counts
    assert whole.server_cpu_ns
    assert not still_listening(url)
    files = [path for path in (tmp_path / "results").rglob("*") if path.is_file()]
    assert {"run.json", "report.html"} < {path.name for path in files}
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in result.output


def still_listening(url: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", int(url.strip("/").rpartition(":")[2])), 1).close()
    except OSError:
        return False
    return True


def test_a_secret_that_is_refused_and_repeated_is_masked(tmp_path: Path) -> None:
    scenario = with_server("python-socketio-rooms", tmp_path)
    wanted = scenario.read_text().replace("env = {", "env = {CHAT_TOKEN = 'another one', ")
    scenario.write_text(wanted)
    refused = lab(f"http://localhost:{free_port()}", scenario, "--results", tmp_path / "results")
    assert refused.exit_code == 2
    assert "namespace /chat refused the client: " in words(refused)
    assert "check connect.namespace and connect.auth" in words(refused)
    assert f"not admitted with {{'token': '{'*' * len(SECRET)}'}}" in words(refused)
    assert SECRET not in refused.output


@contextmanager
def raw_server(data: bytes | None) -> Iterator[int]:
    """Answers each request with these bytes and closes; None: never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    if data is not None:
                        connection.recv(4096)
                        connection.sendall(data)
                    else:
                        ended.wait(5)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)


REFUSED: dict[str, tuple[bytes | None, str, str]] = {
    "404": (
        b"HTTP/1.1 404 Not Found\r\n\r\n",
        "answered the opening handshake with 'HTTP/1.1 404 Not Found'",
        "check connect.path",
    ),
    "redirect": (
        b"HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n",
        "302",
        "a redirect is not followed",
    ),
    "another status": (b"HTTP/1.1 500 Oh\r\n\r\n", "HTTP/1.1 500 Oh", "lab probe URL"),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", "speaks SSH, not HTTP", "check the port"),
    "half a head": (b"HTTP/1.1 101 Swi", "instead of an answer to the opening handshake", "probe"),
    "nothing": (b"", "instead of an answer to the opening handshake (the server hung up)", "probe"),
    "silence": (None, "gave no answer to the opening handshake within 0.3 s", "lab probe URL"),
    "extension": (
        b"HTTP/1.1 101 Hi\r\nSec-WebSocket-Extensions: a\r\n\r\n",
        "chose a WebSocket extension that was not offered",
        "RFC 6455 section 4.1",
    ),
    "at once closed": (
        b"HTTP/1.1 101 Hi\r\nUpgrade: websocket\r\n\r\n\x88\x05\x03\xf0bye",
        "closed with 1008 bye",
        "",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_wrong_target_gets_one_sentence_and_a_hint(kind: str, tmp_path: Path) -> None:
    data, sentence, hint = REFUSED[kind]
    with raw_server(data) as port:
        result = lab(
            f"ws://127.0.0.1:{port}",
            "ws-broadcast",
            *("--timeout", "0.3", "--clients", "2", *SHORT, "--results", tmp_path),
        )
    assert result.exit_code in (1, 2), result.output
    assert sentence in words(result)
    assert hint in words(result)
    assert "Traceback" not in result.output


WRONG = {
    "no file": (
        ("no-such.toml",),
        "can't be read (No such file or directory); give a file, or one",
    ),
    "a folder": (("tests",), "can't be read"),
    "rooms": (
        ("python-socketio-rooms", "--clients", "2"),
        "load: rooms must be at most",
    ),
    "a bad rate": (("ws-broadcast", "--rate", "0"), "--rate"),
    "a foreign host": (("ws-broadcast",), "203.0.113.9 is not of this machine: if the server is"),
    "too many": (("ws-broadcast", "--clients", "900000"), "load.clients must be a whole number"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_use_ends_before_anything_is_measured(kind: str, tmp_path: Path) -> None:
    arguments, sentence = WRONG[kind]
    url = "ws://203.0.113.9" if kind == "a foreign host" else "ws://127.0.0.1:9"
    result = lab(url, *arguments, "--results", tmp_path / "results")
    assert result.exit_code == 2, result.output
    assert sentence in words(result)
    assert not list(tmp_path.rglob("run.json"))


def test_a_lost_message_makes_the_run_void(tmp_path: Path) -> None:
    scenario = tmp_path / "lost.toml"
    scenario.write_text(
        'name = "lost"\nconnect = {transport = "websocket"}\n'
        'send = {text = "{id} hello"}\nbroadcast = {to = "others"}\n'
        "load = {clients = 2, senders = 1, messages = 20, timeout = 0.3}\n"
        '[[setup]]\ntext = "hello"\nanswer = {starts = "hello"}\n'
    )
    with faulty(lambda number, own: int(number != 5 and not own)) as port:
        result = lab(f"ws://127.0.0.1:{port}", scenario, "--results", tmp_path / "results")
    assert result.exit_code == 1
    assert "VOID: 1 of 5 deliveries never came" in words(result)
    assert "not answered, or not delivered to all: message 5 of client 0: " in words(result)
    run = the_run(tmp_path / "results")
    assert run.info.status == "complete"
    assert not run.values("lost", record.BY_KEY["delivery_p50_ms"])
    assert run.values("lost", record.BY_KEY["connect_p50_ms"])


def test_a_target_that_dies_leaves_a_partial_run(tmp_path: Path) -> None:
    with faulty(dies_at=30) as port:
        result = lab(
            f"ws://127.0.0.1:{port}", "ws-broadcast", "--results", tmp_path, "--clients", "2"
        )
    assert result.exit_code == 1, result.output
    assert "PARTIAL: the target closed every connection after" in words(result)
    run = the_run(tmp_path)
    assert run.info.status == "partial"


def test_ctrl_c_keeps_what_is_measured(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lab.cli", "load"]
    arguments = ["ws-broadcast", "--duration", "60", "--rate", "200", "--clients", "2"]
    running: list[subprocess.Popen[str]] = []

    def interrupts(number: int, own: bool) -> int:
        if number == 50 and own:
            running[0].send_signal(signal.SIGINT)
        return int(not own)

    with faulty(interrupts) as port:
        target = [f"ws://127.0.0.1:{port}", *arguments, "--results", str(tmp_path)]
        running.append(
            subprocess.Popen([*command, *target], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        )
        with running[0]:
            said = " ".join(running[0].communicate(timeout=60)[0].split())
    assert running[0].returncode == 130
    assert "PARTIAL: interrupted after" in said
    assert the_run(tmp_path).info.status == "partial"
