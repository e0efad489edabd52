"""`lab relay`, as a person runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner

from lab.cli import main
from lab.cli.relay import Address, describe, overhead_table, parse_address
from lab.relay.network import Network
from lab.relay.overhead import RelayOverhead

COMMAND = [sys.executable, "-c", "from lab.cli import main; main(prog_name='lab')", "relay"]
PATIENCE_S = 20


@contextmanager
def echo_server() -> Iterator[int]:
    """A target with one thread that serves one connection after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:  # the listener was shut down: the end
                    return
                with connection, suppress(ConnectionResetError):
                    while data := connection.recv(1 << 16):
                        connection.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE_S)


@contextmanager
def relaying(
    *options: str, stdin: IO[str] | int = subprocess.PIPE, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and the line that it begins with."""
    with subprocess.Popen(
        [*COMMAND, *options],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


def talk_through(first_line: str, data: bytes) -> bytes:
    host, port = first_line.removeprefix("listening on ").split(",")[0].split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as stream:
            return stream.read()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_it_relays_until_a_signal_and_prints_the_totals(end: signal.Signals) -> None:
    with (
        echo_server() as port,
        relaying("--to", f"127.0.0.1:{port}", "--delay", "5ms", "--bandwidth", "8mbit") as running,
    ):
        process, line = running
        assert f"to 127.0.0.1:{port}: delay 5 ms one way, RTT +10 ms, 1 MB/s each way" in line
        assert talk_through(line, b"x" * 12_345) == b"x" * 12_345
        process.send_signal(end)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert errors == ""
    assert output.count("12,345") == 2
    assert "connections: 1" in output


def test_on_a_terminal_the_counters_live() -> None:
    with (
        echo_server() as port,
        relaying("--to", f"127.0.0.1:{port}", FORCE_COLOR="1", TERM="xterm") as running,
    ):
        process, line = running
        assert talk_through(line, b"x" * 777) == b"x" * 777
        assert process.stdout is not None
        while "777" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert output.count("777") >= 1


@contextmanager
def connected(first_line: str) -> Iterator[socket.socket]:
    """A connection through the relay that has carried something."""
    host, port = first_line.removeprefix("listening on ").split(",")[0].split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as connection:
        connection.sendall(b"x")
        assert connection.recv(1) == b"x"
        yield connection


def test_connections_are_cut_again_and_again() -> None:
    with (
        echo_server() as port,
        relaying("--to", f"127.0.0.1:{port}", "--cut-every", "200ms") as (process, line),
    ):
        for _ in range(2):
            with connected(line) as connection, pytest.raises(ConnectionResetError):
                connection.recv(1)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert errors.count("cut: 1 connection\n") == 2
    assert "cut 2, reset" in " ".join(output.split())


@pytest.mark.parametrize("by", ["signal", "enter"])
@pytest.mark.parametrize("how", ["rst", "fin"])
def test_connections_are_cut_when_somebody_asks_for_it(by: str, how: str) -> None:
    with (
        echo_server() as port,
        relaying("--to", f"127.0.0.1:{port}", "--cut", "--cut-by", how) as (process, line),
        connected(line) as connection,
    ):
        assert process.stdin is not None
        if by == "enter":
            process.stdin.write("\n")
            process.stdin.flush()
        else:
            process.send_signal(signal.SIGUSR1)
        if how == "fin":
            assert connection.recv(1) == b""
        else:
            with pytest.raises(ConnectionResetError):
                connection.recv(1)
        connection.close()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert errors == "cut: 1 connection\n"


@pytest.mark.parametrize("stdin", [os.devnull, __file__], ids=["nothing", "a-file"])
def test_a_stdin_that_says_nothing_cuts_nothing(stdin: str) -> None:
    with (
        Path(stdin).open(encoding="utf-8") as reading,
        echo_server() as port,
        relaying("--to", f"127.0.0.1:{port}", "--cut", stdin=reading) as (process, line),
    ):
        assert talk_through(line, b"x" * 99) == b"x" * 99
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, errors) == (0, "")


def test_a_target_that_refuses_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with relaying("--to", f"127.0.0.1:{port}") as (process, line):
        with pytest.raises(ConnectionResetError):
            talk_through(line, b"x")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=PATIENCE_S)
    assert errors.startswith("connection 1: target not reached: ")
    assert str(port) in errors
    assert "without target 1" in " ".join(output.split())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "--to HOST:PORT"),
        (["--to", "nowhere"], "write HOST:PORT"),
        (["--to", "127.0.0.1:http"], "a port is a number from 0 to 65535"),
        (["--to", "127.0.0.1:65536"], "a port is a number from 0 to 65535"),
        (["--to", "::1:80"], "write HOST:PORT"),
        (["--to", ":80"], "write HOST:PORT"),
        (["--to", "127.0.0.1:0"], "port 0 can't be connected to"),
        (["--to", "h:1", "--delay", "50"], "such as 50ms"),
        (["--to", "h:1", "--delay", "-5ms"], "such as 50ms"),
        (["--to", "h:1", "--delay", "5000s"], "one hour"),
        (["--to", "h:1", "--jitter", "5ms"], "must not exceed the delay (0 ms)"),
        (["--to", "h:1", "--bandwidth", "1Mb"], "such as 1mbit or 125kB"),
        (["--to", "h:1", "--bandwidth", "0mbit"], "at least 1 byte per second"),
        (["--to", "h:1", "--listen", "0.0.0.0:0"], "add --share"),
        (["--to", "h:1", "--listen", "[::]:0"], "add --share"),
        (["--to", "h:1", "--listen", "example.org:0"], "add --share"),
        (["--to", "h:1", "--listen", "192.0.2.1:0", "--share"], "can't listen on 192.0.2.1:0"),
    ],
)
def test_bad_input_is_refused_with_what_is_allowed(options: list[str], complaint: str) -> None:
    result = CliRunner().invoke(main, ["relay", *options], terminal_width=200)
    assert result.exit_code == 2
    assert complaint in result.output


def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = CliRunner().invoke(main, ["relay", "--to", "h:1", "--listen", address])
    assert result.exit_code == 2
    assert f"can't listen on {address}: the port is in use" in result.output


def test_help_says_what_a_delay_is() -> None:
    output = CliRunner().invoke(main, ["relay", "--help"]).output
    assert "ONE-WAY" in output
    assert "--delay 50ms     # RTT 100 ms" in output
    assert "\n  lab relay --to 127.0.0.1:8080 --delay 50ms" in output, "each example has its line"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:80", Address("127.0.0.1", 80)),
        ("localhost:0", Address("localhost", 0)),
        ("[::1]:65535", Address("::1", 65535)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address
    assert str(address) == text
    assert address.loopback


def test_jitter_is_described() -> None:
    network = Network(delay_ns=150_000_000, jitter_ns=50_000_000)
    assert describe(network) == "delay 150 ms one way, jitter 50 ms, RTT +300 ms"


def test_the_cost_is_a_table_with_a_row_per_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = [
        RelayOverhead(0, 10, 30e3, 60e3, 90e3),
        RelayOverhead(5_000_000, 10, 30e3, 10_330e3, 12e6),
    ]
    table = overhead_table(costs)
    assert [list(column.cells) for column in table.columns][-1] == ["30 us", "300 us"]

    async def measured() -> list[RelayOverhead]:
        return costs

    monkeypatch.setattr("lab.cli.relay.measure_overhead", measured)
    result = CliRunner().invoke(main, ["relay", "--cost"])
    assert result.exit_code == 0
    assert "300 us" in result.output
