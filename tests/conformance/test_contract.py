"""Check each transport's name, stack, effective settings, address and capabilities."""

from __future__ import annotations

from typing import get_args

import pytest

from lab.contract import Capability, Settings, Transport
from tests.conformance.served import served
from transports import registry

IMPLIED = {
    Capability.TCP: Capability.SOCKET,
    Capability.HTTP_1: Capability.TCP,
    Capability.HTTP_2: Capability.TCP,
    Capability.EXTENDED_CONNECT: Capability.HTTP_2,
    Capability.WEBSOCKET: Capability.HTTP_1,
    Capability.OWN_HTTP: Capability.HTTP_1,
    Capability.TLS_ALWAYS: Capability.SOCKET,
}
"""Capability -> the one without which it means nothing."""


def test_a_transport_has_its_name_in_the_registry(transport: Transport) -> None:
    assert registry.load(transport.name).__class__ is transport.__class__
    assert transport.summary


def test_a_stack_names_installed_versions(transport: Transport) -> None:
    stack = transport.stack()
    libraries = [stack.language, stack.server, stack.client]
    libraries += [stack.http] if stack.http is not None else []
    for library in libraries:
        assert library.name
        assert library.version[0].isdigit()
        assert str(library) == f"{library.name} {library.version}"


@pytest.mark.parametrize("settings", get_args(Settings))
def test_effective_settings_are_non_empty_texts(transport: Transport, settings: Settings) -> None:
    effective_settings = transport.effective_settings(settings)
    assert effective_settings
    assert all(
        isinstance(part, str) and part for item in effective_settings.items() for part in item
    )


def test_what_a_capability_implies_is_declared_too(transport: Transport) -> None:
    able = transport.capabilities
    for one, implied in IMPLIED.items():
        assert one not in able or implied in able, f"{one} is declared without {implied}"
    assert Capability.SOCKET in able or able <= {Capability.ROOM, Capability.SHARED_ROOM}
    # What speaks HTTP/1.1 is sent raw bytes, and those of these tests are without TLS.
    assert not able >= {Capability.HTTP_1, Capability.TLS_ALWAYS}


async def test_an_address_matches_the_capabilities(transport: Transport) -> None:
    async with served(transport) as s:
        address, able = s.server.address, transport.capabilities
        assert (address.websocket_url is not None) == (Capability.WEBSOCKET in able)
        assert (address.port != 0) == (Capability.SOCKET in able)
        assert address.is_tls == (Capability.TLS_ALWAYS in able)
        if {Capability.NATIVE_FRAMES, Capability.WEBSOCKET} <= able:
            assert address.websocket_url == address.url
        assert s.server.sessions() == 0
