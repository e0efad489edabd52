"""What each wire says of itself: a name, a stack, its settings, and capabilities that agree."""

from __future__ import annotations

from typing import get_args

import pytest

from lab.contract import Capability, Settings, Transport
from tests.conformance.stage import stage
from transports import registry


def test_a_wire_is_called_what_the_registry_calls_it(wire: Transport) -> None:
    assert registry.load(wire.name).__class__ is wire.__class__
    assert wire.summary


def test_a_stack_names_installed_versions(wire: Transport) -> None:
    stack = wire.stack()
    libraries = [stack.language, stack.server, stack.client]
    libraries += [stack.http] if stack.http is not None else []
    for library in libraries:
        assert library.name
        assert library.version[0].isdigit()
        assert str(library) == f"{library.name} {library.version}"


@pytest.mark.parametrize("settings", get_args(Settings))
def test_settings_are_shown_as_a_reader_needs_them(wire: Transport, settings: Settings) -> None:
    knobs = wire.knobs(settings)
    assert knobs
    assert all(isinstance(part, str) and part for item in knobs.items() for part in item)


async def test_an_address_holds_what_the_capabilities_promise(wire: Transport) -> None:
    async with stage(wire) as s:
        address, able = s.server.address, wire.capabilities
        assert (address.websocket_url is not None) == (Capability.WEBSOCKET in able)
        assert (address.port != 0) == (Capability.SOCKET in able)
        assert Capability.SOCKET in able or able <= {Capability.ROOM, Capability.SHARED_ROOM}
        if Capability.NATIVE_FRAMES in able:
            assert address.websocket_url == address.url
        assert s.server.sessions() == 0
