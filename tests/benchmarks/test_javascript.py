"""The suite with a client in JavaScript: what it writes, what it counts, and what it leaves out."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from benchmarks.conftest import clients_of
from benchmarks.counted_twice import AGREEMENT, by_the_clock
from benchmarks.javascript.conftest import RUNTIMES
from benchmarks.javascript.node import Node
from benchmarks.javascript.served import ServedToJavaScript
from lab.cli.bench.javascript import missing
from lab.contract import Capability, Transport
from lab.interop.node import NodeError
from lab.load.profiles import JAVASCRIPT_CLIENTS, JAVASCRIPT_EXPERIMENTS, PROFILES, Client
from lab.load.tapped import through
from lab.measure import histogram
from lab.measure.figures import Counts
from lab.measure.process import plan_cores
from lab.measure.slope import fit
from lab.page.transports import UNSPOKEN
from lab.relay.relay import Network, Relay
from tests.benchmarks.test_suite import collected, suite
from tests.interop.conftest import needs
from transports import registry

QUICK = PROFILES["quick"]
UPGRADES = {Capability.DEFAULT_PARSER, Capability.WEBSOCKET, Capability.HTTP_SESSION}
AFTER_THE_UPGRADE, WHILE_POLLING = "python-socketio", "socket.io"
"""The servers of Socket.IO, by when a client in JavaScript fires `connect` in default mode."""


def first(client: Client, wanted: set[Capability], server: str | None = None) -> str:
    """The first transport with all of these that a client speaks; `server`: its library."""

    def fits(transport: Transport) -> bool:
        served = server is None or transport.stack().server.name == server
        return served and UNSPOKEN[client](transport) is None and transport.capabilities >= wanted

    return next(name for name in registry.available() if fits(registry.load(name)))


def fallback() -> str:
    """The first transport that only a page speaks."""
    served = {name: registry.load(name) for name in registry.available()}
    return next(
        name
        for name, transport in served.items()
        if UNSPOKEN["browser"](transport) is None and UNSPOKEN["node"](transport) is not None
    )


def transports_for(client: Client) -> list[str]:
    """A few of different kinds. A browser takes long, so it has only one."""
    polls_on = first(client, UPGRADES, WHILE_POLLING)
    if client == "browser":
        return [polls_on]
    native = first(client, {Capability.NATIVE_FRAMES})
    return [native, first(client, UPGRADES, AFTER_THE_UPGRADE), polls_on]


@pytest.fixture(scope="module", params=JAVASCRIPT_CLIENTS)
def client(request: pytest.FixtureRequest) -> Client:
    chosen: Client = request.param
    needs(missing(chosen))
    needs(missing("node"))  # one of the servers is Node's
    return chosen


@pytest.fixture(scope="module")
def found(client: Client, tmp_path_factory: pytest.TempPathFactory) -> list[Counts]:
    """What a pass of one round writes of some transports."""
    written = tmp_path_factory.mktemp("pass") / "benchmark.json"
    done = suite(
        *("--client", client, "--transports", ",".join(transports_for(client)), "--rounds", "1"),
        *("--experiments", ",".join(JAVASCRIPT_EXPERIMENTS), f"--benchmark-json={written}"),
    )
    assert done.returncode == 0, done.stdout
    content = json.loads(written.read_text())["benchmarks"]
    return [msgspec.convert(each["extra_info"], Counts, strict=True) for each in content]


def test_every_question_is_asked_of_every_transport(found: list[Counts], client: Client) -> None:
    asked = [(one.transport, one.experiment, one.measure) for one in found]
    measures = {
        ("handshake", "connect"),
        ("handshake", "join"),
        ("latency", "rtt"),
        ("latency", "last_delivery"),
        ("throughput", "fan_out"),
        ("round_trips", "new connect"),
        ("round_trips", "new join"),
    }
    transports = transports_for(client)
    assert sorted(asked) == sorted((name, *each) for name in transports for each in measures)
    assert {one.client for one in found} == {client}


def test_every_delivery_is_counted(found: list[Counts]) -> None:
    for one in found:
        expected = (one.room_size or 0) * one.operations
        assert (one.expected, one.delivered, one.lost) == (expected, expected, 0), one.measure
    rooms = {(one.measure, one.operations) for one in found if one.room_size == 10}
    assert rooms == {
        ("last_delivery", QUICK.room_messages),
        ("fan_out", QUICK.fan_out_messages[10]),
    }


def test_each_operation_has_a_sample_and_javascript_times_the_span(found: list[Counts]) -> None:
    operations = {"connect": QUICK.handshakes, "join": QUICK.handshakes, "rtt": QUICK.round_trips}
    for one in found:
        assert one.samples_hdr is not None
        samples = histogram.decode(one.samples_hdr)
        assert samples.count == one.operations == operations.get(one.measure, one.operations)
        # Nothing overlaps, so that the samples are parts of the span; an HDR bucket is 0.1 % wide.
        if one.measure in operations:
            assert samples.count * samples.percentile_ns(1) <= one.wall_ns * 1.01


def test_the_processes_of_both_sides_are_metered(found: list[Counts]) -> None:
    for one in found:
        if one.experiment == "round_trips":
            continue
        assert one.server_cpu_ns is not None
        assert one.server_cpu_ns > 0
        assert one.load_cpu_ns > 0
        assert one.saturated in ("server", "load", "both", "neither")


def counted(found: list[Counts], measure: str) -> dict[str, Counts]:
    """Transport -> its counts of a measure of `round_trips`."""
    return {one.transport: one for one in found if one.measure == measure}


def test_round_trips_are_counted_by_the_clock_and_from_the_bytes(found: list[Counts]) -> None:
    for measure, last in (("new connect", None), ("new join", "join")):
        for transport, one in counted(found, measure).items():
            detail = one.detail or {}
            times = {int(rtt): len(each) for rtt, each in detail["samples_ns"].items()}
            assert times == {rtt * 1_000_000: QUICK.handshakes_per_rtt for rtt in QUICK.rtts_ms}
            ledger = detail["ledger"]
            assert len(ledger["purposes"]) == ledger["round_trips"], transport
            assert ledger["purposes"][0] == "TCP", "each handshake has a connection of its own"
            assert last in (None, ledger["purposes"][-1]), transport
            assert min(detail["counted"]) <= ledger["round_trips"] <= max(detail["counted"])
            assert set(detail["slope"]) == {"round_trips", "low", "high", "base_ns"}
            assert isinstance(detail["agree"], bool)


def test_when_connect_fires_in_default_mode(found: list[Counts]) -> None:
    polled = 4  # TCP, open, and 40 by a second TCP connection
    for transport, one in counted(found, "new connect").items():
        server = registry.load(transport).stack().server.name
        detail = one.detail or {}
        if server == WHILE_POLLING:
            assert detail["ledger"]["purposes"] == ["TCP", "open", "TCP", "40"]
            assert set(detail["counted"]) == {polled}
        elif server == AFTER_THE_UPGRADE:
            assert detail["ledger"]["purposes"][-1] == "40"
            assert max(detail["counted"]) > polled


def test_a_relay_that_ignores_its_delay_is_noticed() -> None:
    needs(missing("node"))

    class Deaf(Relay):
        def set(self, network: Network) -> None:
            """Keep the network as it was."""

    transport = registry.load(first("node", {Capability.NATIVE_FRAMES}))
    # The time of a handshake has nothing to do with these: even a loaded machine is not so slow.
    profile = msgspec.structs.replace(QUICK, rtts_ms=(0, 20_000))
    with (
        Node(plan_cores()) as runtime,
        ServedToJavaScript(transport, "equal", profile, plan_cores(), 0, runtime) as served,
    ):

        async def timed() -> dict[int, list[int]]:
            async with Deaf("127.0.0.1", served.address.port) as relay:
                await served.load(through(served.address.url, served.address.port, relay))
                return await by_the_clock(relay, profile, served.bench.handshakes)

        slope = fit(served.run(timed()))
        with pytest.raises(NodeError, match="during roundTrips: Error: nobody is in a room"):
            served.run(served.bench.round_trips(["a text"]))
    assert slope.contradicts([2], AGREEMENT), slope


@pytest.mark.parametrize("client", JAVASCRIPT_CLIENTS)
def test_a_client_is_asked_only_for_what_it_speaks(client: Client) -> None:
    offered = ["loopback", "flashsocket", fallback(), first(client, {Capability.NATIVE_FRAMES})]
    spoken = [name for name in offered if UNSPOKEN[client](registry.load(name)) is None]
    names = collected("--client", client, "--transports", ",".join(offered))
    measures = ("test_say_rtt", "test_last_of_room")
    assert sorted(names) == sorted(f"{each}[{name}]" for name in spoken for each in measures)


def test_the_folder_says_whose_a_benchmark_is() -> None:
    assert clients_of(Path("benchmarks/javascript/test_latency.py")) == JAVASCRIPT_CLIENTS
    assert clients_of(Path("benchmarks/test_latency.py")) == ("python",)
    assert tuple(RUNTIMES) == JAVASCRIPT_CLIENTS
