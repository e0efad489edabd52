"""The relay in another process forwards all data, and its CPU is measured separately."""

from __future__ import annotations

import msgspec
import psutil
import pytest

from lab.contract import Address
from lab.load.raw import RawRoom
from lab.load.relay_apart import RelayApart
from lab.load.texts import incompressible
from lab.measure.process import CpuMeter
from lab.measure.server import ServerProcess
from transports import registry

TRANSPORTS = ["websocket", "socketio-polling"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("tapping", [False, True])
def test_everything_goes_through_it_and_takes_its_cpu(transport: str, tapping: bool) -> None:
    with ServerProcess(transport, ["--unpaced"]) as server:
        where = msgspec.convert(server.ready, Address)
        with RelayApart(where, tapping=tapping) as relay:
            assert relay.address.port not in (0, where.port)
            assert str(relay.address.port) in relay.address.url
            with RawRoom(registry.load(transport), relay.address, "den", 3) as room:
                meter = CpuMeter(relay.pid)
                meter.start()
                found = room.fan_out(incompressible(64, 20), 4)
                assert meter.stop().load_cpu_ns > 0
            assert found.lost == 0
            pid = relay.pid
    assert not psutil.pid_exists(pid)


def test_a_target_that_is_gone_is_no_relays_fault() -> None:
    nobody = Address("ws://127.0.0.1:1/", "127.0.0.1", 1, websocket_url="ws://127.0.0.1:1/")
    with RelayApart(nobody, tapping=False) as relay:
        room = RawRoom(registry.load("websocket"), relay.address, "den", 1)
        with pytest.raises(RuntimeError, match=r"hung up|broke"), room:
            pass
