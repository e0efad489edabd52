"""The registry: every name loads its wire, and whatever doesn't says why."""

from __future__ import annotations

import pytest

from lab.contract import Capability, Stack, Transport
from transports import registry


@pytest.mark.parametrize("name", registry.available())
def test_a_wire_is_what_its_line_says(name: str) -> None:
    transport = registry.load(name)
    assert isinstance(transport, Transport)
    assert transport.name == name
    assert transport.summary
    assert all(isinstance(capability, Capability) for capability in transport.capabilities)


@pytest.mark.parametrize("name", registry.available())
def test_a_wire_says_what_it_is_made_of(name: str) -> None:
    transport = registry.load(name)
    stack = transport.stack()
    assert isinstance(stack, Stack)
    assert all(library.version for library in (stack.language, stack.server, stack.client))
    assert transport.knobs("equal").keys() == transport.knobs("stock").keys()


def test_an_unknown_wire_is_answered_with_those_there_are() -> None:
    with pytest.raises(registry.UnknownWireError, match="no wire 'carrier-pigeon'") as unknown:
        registry.load("carrier-pigeon")
    assert all(name in str(unknown.value) for name in registry.WIRES)


def test_a_missing_library_is_named_with_the_install_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry.WIRES, "quill", "goose_feather:Quill")
    with pytest.raises(registry.UnavailableError, match="needs goose_feather: pip install"):
        registry.load("quill")


def test_check_puts_names_into_the_registrys_order_once_each() -> None:
    assert registry.check(["websocket", "loopback", "websocket"]) == ["loopback", "websocket"]
    assert registry.check([]) == []
    assert registry.check(reversed(list(registry.WIRES))) == list(registry.WIRES)


def test_check_names_every_unknown_wire() -> None:
    with pytest.raises(registry.UnknownWireError, match="no wire smoke, tin-can; there are") as bad:
        registry.check(["tin-can", "loopback", "smoke"])
    assert all(name in str(bad.value) for name in registry.WIRES)
