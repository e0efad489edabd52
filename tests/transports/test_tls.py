"""Every transport with a socket speaks TLS: it joins, bears a burst, resumes, and closes.

What crosses the wire is opened with the client's keys, and is accounted for to the byte.

There is one server for each transport. The rest of the suite runs without TLS.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from pytest import Subtests

from lab.chat.commands import Say
from lab.contract import Capability, ClientTls, ConnectOptions
from lab.ledger.ledger import ledger
from lab.load.tapped import Capture, Script, converse, trace_of
from lab.tls.authority import Certified, certified
from tests.conformance.client import PATIENCE_S, RoomClient, in_time
from tests.conformance.served import ServedTransport, served
from transports import registry

BURST = 500
CERTIFICATE_BYTES = 300
"""Less than the certificate and its signature take."""


@pytest.fixture(scope="module")
def files() -> Iterator[Certified]:
    with certified() as made:
        yield made


def with_socket() -> list[str]:
    loaded = map(registry.load, registry.available())
    return [each.name for each in loaded if Capability.SOCKET in each.capabilities]


async def connected(s: ServedTransport, options: ConnectOptions) -> RoomClient:
    client = RoomClient()
    client.connection = await s.transport.connect(
        s.server.address.url, client.events.append, options
    )
    s.clients.append(client)
    return client


@pytest.mark.parametrize("name", with_socket())
async def test_a_transport_speaks_tls(
    name: str, files: Certified, subtests: Subtests, tmp_path: Path
) -> None:
    transport = registry.load(name)
    trusting = ConnectOptions(timeout_s=PATIENCE_S, tls=files.client)
    async with served(transport, tls=files.server) as s:
        ann, bob = await connected(s, trusting), await connected(s, trusting)
        with subtests.test("two members join"):
            await ann.joined("den", "ann")
            await bob.joined("den", "bob")
        with subtests.test("a burst arrives whole and in order"):
            texts = [f"text {number}" for number in range(BURST)]
            for text in texts:  # not by `burst`: a limit has no listing of rooms
                await ann.connection.send(Say(ann.connection.next_id(), "den", text))
            await bob.has_messages(BURST)
            assert [message.text for message in bob.messages] == texts
        if Capability.ROOM in transport.capabilities:
            with subtests.test("a member resumes"):
                await bob.connection.close()
                bob = await connected(s, trusting)
                await bob.joined("den", "bob", after=2)
                await bob.has_messages(BURST)
                assert [message.text for message in bob.messages] == texts
        with subtests.test("a client closes"):
            await in_time(ann.connection.close())
            assert ann.connection.closed.done()
        with subtests.test("another authority is not trusted"), certified() as others:
            strange = ConnectOptions(timeout_s=PATIENCE_S, tls=others.client)
            with pytest.raises(OSError, match=r"(?i)certificate|ssl|connect"):
                await connected(s, strange)
        if Capability.TCP in transport.capabilities:
            with subtests.test("every byte is accounted for, and a session is resumed"):
                keys = tmp_path / "keys.log"
                resuming = ClientTls(files.authority, resume=True, keys=str(keys))
                capture = await visited(s, replace(trusting, tls=resuming))
                found = ledger(trace_of(capture, resuming))
                assert found.total.up.total == capture.counted.up_bytes
                assert found.total.down.total == capture.counted.down_bytes
                assert found.total.up.undecodable == found.total.down.undecodable == 0
                first, *_, last = (entry.connect for entry in found.entries)
                assert first is not None
                assert last is not None
                assert "TLS" in first.purposes
                assert first.purposes == last.purposes, "without early data there is no turn less"
                # No certificate and no signature (RFC 8446 section 2.2).
                assert last.cost.down.tls < first.cost.down.tls - CERTIFICATE_BYTES


async def visited(s: ServedTransport, options: ConnectOptions) -> Capture:
    """Two sessions, one after the other."""
    address, script = s.server.address, Script(texts=("hello",))
    return await converse(s.transport, address.url, address.port, script, options, visits=2)
