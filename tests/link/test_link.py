"""A link with real namespaces and real packets."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from lab.cli import main
from lab.link import ADDRESS, Conditions, Link, Network, unavailable
from lab.link.calibrate import both_ways, measure_losses, measure_round_trips
from lab.link.kernel import DEVICE
from tests.interop.conftest import needs

MS = 1_000_000
PATIENCE_S = 60
SENT = 400


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    needs(unavailable())
    with Link(Network()) as opened:
        yield opened


def datagram(link: Link, side: str) -> socket.socket:
    """A UDP socket on a side, bound to every address of it."""
    with link.inside("server" if side == "server" else "client"):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(PATIENCE_S)
    made.bind(("0.0.0.0", 0))
    return made


def arrived(link: Link, network: Network) -> list[int]:
    """Which of some numbered datagrams reach the server on this network."""
    link.change(network)
    with closing(datagram(link, "client")) as client, closing(datagram(link, "server")) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        to = (ADDRESS["server"], server.getsockname()[1])
        for number in range(SENT):
            client.sendto(number.to_bytes(4, "big"), to)
        link.change(both_ways(Conditions()))
        found: list[int] = []
        client.sendto(b"last", to)
        while (data := server.recv(16)) != b"last":
            found.append(int.from_bytes(data, "big"))
        return found


def test_what_a_link_does_to_datagrams(link: Link, subtests: pytest.Subtests) -> None:
    with subtests.test("they take the delay of both directions"):
        link.change(both_ways(Conditions(delay_ns=20 * MS)))
        trips = measure_round_trips(link, rounds=5)
        assert len(trips.samples_ns) == 5
        assert trips.set_ns == 40 * MS
        assert trips.percentile_ns(0) >= 39 * MS, "a machine may be late, and never early"
    with subtests.test("all arrive without loss, and are counted"):
        found = measure_losses(link, packets=SENT)
        assert found.carried == found.sent == SENT
        assert (found.up, found.down) == (0, 0)
        assert link.counted()["up"].packets == SENT
    with subtests.test("equal seeds lose the same"):
        lossy = Network(up=Conditions(loss=0.3), seed=7)
        first = arrived(link, lossy)
        assert 0.5 * SENT < len(first) < 0.9 * SENT
        assert arrived(link, lossy) == first
        assert arrived(link, Network(up=Conditions(loss=0.3), seed=8)) != first
    with subtests.test("one is lost on request"):
        link.change(Network())
        link.lose_next("up", at_least_bytes=30)
        assert link.counted()["up"].lost == 0
        with closing(datagram(link, "client")) as client:
            for _ in range(3):
                client.sendto(b"a datagram", (ADDRESS["server"], 9))
        assert (link.counted()["up"].packets, link.counted()["up"].lost) == (3, 1)


def test_the_client_gets_another_address(link: Link) -> None:
    link.change(Network())
    with closing(datagram(link, "client")) as client, closing(datagram(link, "server")) as server:
        to = (ADDRESS["server"], server.getsockname()[1])
        client.sendto(b"before", to)
        assert server.recvfrom(16)[1][0] == link.address
        former, new = link.address, link.change_address()
        client.sendto(b"after", to)
        assert server.recvfrom(16)[1][0] == new != former


OPEN_AND_WAIT = """
import json, os, subprocess, sys
from lab.link import Link, Network
with Link(Network()) as link:
    with link.inside("client"):
        inside = subprocess.Popen(["sh", "-c", "sleep 1000 & wait"])
        namespaces = [os.stat("/proc/thread-self/ns/net").st_ino]
    with link.inside("server"):
        namespaces.append(os.stat("/proc/thread-self/ns/net").st_ino)
    print(json.dumps([[link.pid, inside.pid], namespaces]), flush=True)
    sys.stdin.read()
"""


def inhabitants(namespaces: list[int]) -> list[int]:
    """The processes in these network namespaces."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "ns/net").stat().st_ino in namespaces:
                found.append(int(process.name))
        except OSError:
            pass  # it has ended meanwhile
    return found


def test_nothing_is_left_when_the_parent_is_killed() -> None:
    needs(unavailable())
    with subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_WAIT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pids, namespaces = json.loads(parent.stdout.readline())
        assert inhabitants(namespaces), "else the check below could not fail"
        parent.kill()
    for pid in pids:
        wait_for_end(pid)
    # The pump has killed what the shell had started; to end takes it a moment.
    for pid in inhabitants(namespaces):
        wait_for_end(pid)
    assert inhabitants(namespaces) == []
    assert not Path("/sys/class/net", DEVICE).exists()


def wait_for_end(pid: int) -> None:
    """Wait until a process has ended that is no child of this one."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], PATIENCE_S)[0], "the process still runs"
    finally:
        os.close(descriptor)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)


def test_a_command_runs_on_a_side() -> None:
    needs(unavailable())
    code = "import os, socket; print(os.environ['LAB_LINK'], os.listdir('/sys/class/net'))"
    options = ["--delay", "1ms", "--side", "server", "--", sys.executable, "-c", f"{code}; exit(3)"]
    done = run(sys.executable, "-m", "lab.cli", "link", *options)
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("server")
    assert "delay 1 ms, each way" in done.stderr
    assert "up: 0 packets" in done.stderr


def test_user_namespaces_do_instead_of_root() -> None:
    needs(unavailable())
    if os.geteuid() != 0:
        pytest.skip("every other test of this file has run in a user namespace")
    # Root without the capabilities: an ordinary user, but one who may open the device.
    drop = ["setpriv", "--bounding-set", "-sys_admin,-net_admin", "--inh-caps", "-all"]
    script = "from lab.link.link import unavailable; print(unavailable())"
    done = run(*drop, sys.executable, "-c", script)
    assert done.stdout.strip() == "None", done


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--network", "pigeon"], "'dc', 'cable', 'lte'"),
        (["--loss", "1.5"], "0<=x<=1"),
        (["--jitter", "5ms"], "must not exceed the delay"),
        (["--loss", "0.9", "--burst", "2"], "the burst must be at least 9"),
        (["--queue", "5"], "only a rate fills one"),
        (["--calibrate", "--", "true"], "leave out the command"),
        (["--server", "true"], "give the command"),
    ],
    ids=str,
)
def test_wrong_options_are_refused(arguments: list[str], says: str) -> None:
    result = CliRunner().invoke(main, ["link", *arguments], terminal_width=10_000)
    assert result.exit_code == 2, result.output
    assert says in result.output


def test_without_a_command_the_networks_are_listed() -> None:
    result = CliRunner().invoke(main, ["link"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "WebPageTest" in result.output
    assert "wifi-lossy" in result.output
