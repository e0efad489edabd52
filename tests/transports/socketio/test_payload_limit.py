"""The process-wide limit of python-engineio for packets in a payload follows the settings."""

from __future__ import annotations

import pytest
from engineio.payload import Payload

from lab.contract import Capability, ConnectOptions, ServeOptions, Settings
from lab.service import ChatService
from tests.conformance.served import in_time
from transports import registry
from transports._socketio.payload_limit import PACKETS_PER_PAYLOAD, MixedSettingsError
from transports._socketio.transport import SocketioTransport

TRANSPORTS = [
    transport
    for name in registry.available()
    if isinstance(transport := registry.load(name), SocketioTransport)
    and Capability.HTTP_SESSION in transport.capabilities
]
OTHER: dict[Settings, Settings] = {"equal": "stock", "stock": "equal"}
pytestmark = pytest.mark.parametrize("transport", TRANSPORTS, ids=lambda transport: transport.name)


@pytest.mark.parametrize("settings", ["equal", "stock"])
async def test_the_limit_follows_the_settings_in_use(
    transport: SocketioTransport, settings: Settings
) -> None:
    async with transport.serve(ChatService(), ServeOptions(settings=settings)):
        assert Payload.max_decode_packets == PACKETS_PER_PAYLOAD[settings]
    assert Payload.max_decode_packets == PACKETS_PER_PAYLOAD["stock"]


@pytest.mark.parametrize("settings", ["equal", "stock"])
async def test_other_settings_beside_a_server_are_refused(
    transport: SocketioTransport, settings: Settings
) -> None:
    other = OTHER[settings]
    async with transport.serve(ChatService(), ServeOptions(settings=settings)) as server:
        with pytest.raises(MixedSettingsError, match=f"before you use {other!r}"):
            async with transport.serve(ChatService(), ServeOptions(settings=other)):
                pass
        with pytest.raises(MixedSettingsError, match=f"before you use {other!r}"):
            await transport.connect(server.address.url, print, ConnectOptions(settings=other))
        assert Payload.max_decode_packets == PACKETS_PER_PAYLOAD[settings]


async def test_a_connection_holds_its_settings_until_it_ends(transport: SocketioTransport) -> None:
    async with transport.serve(ChatService(), ServeOptions()) as server:
        connection = await in_time(transport.connect(server.address.url, print, ConnectOptions()))
    await in_time(connection.closed)
    await connection.close()
    async with transport.serve(ChatService(), ServeOptions(settings="stock")):
        assert Payload.max_decode_packets == PACKETS_PER_PAYLOAD["stock"]


async def test_a_refused_connection_holds_nothing(transport: SocketioTransport) -> None:
    async with transport.serve(ChatService(), ServeOptions()) as server:
        url = server.address.url
    with pytest.raises(ConnectionRefusedError):
        await in_time(transport.connect(url, print, ConnectOptions()))
    async with transport.serve(ChatService(), ServeOptions(settings="stock")):
        assert Payload.max_decode_packets == PACKETS_PER_PAYLOAD["stock"]
