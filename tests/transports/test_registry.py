"""The registry: every name loads its transport, or there is a reason."""

from __future__ import annotations

import pytest

from lab.contract import Capability, Stack, Transport
from transports import registry


@pytest.mark.parametrize("name", registry.available())
def test_a_transport_matches_its_registry_entry(name: str) -> None:
    transport = registry.load(name)
    assert isinstance(transport, Transport)
    assert transport.name == name
    assert transport.summary
    assert all(isinstance(capability, Capability) for capability in transport.capabilities)


@pytest.mark.parametrize("name", registry.available())
def test_a_transport_names_its_stack(name: str) -> None:
    transport = registry.load(name)
    stack = transport.stack()
    assert isinstance(stack, Stack)
    assert all(library.version for library in (stack.language, stack.server, stack.client))
    assert (
        transport.effective_settings("equal").keys() == transport.effective_settings("stock").keys()
    )


def test_an_unknown_transport_raises_with_the_known_names() -> None:
    with pytest.raises(
        registry.UnknownTransportError, match="no transport 'carrier-pigeon'"
    ) as unknown:
        registry.load("carrier-pigeon")
    assert all(name in str(unknown.value) for name in registry.TRANSPORTS)


def test_a_missing_library_is_named_with_the_install_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry.TRANSPORTS, "quill", "goose_feather:Quill")
    with pytest.raises(registry.UnavailableError, match=r"needs goose_feather: (uv )?pip install"):
        registry.load("quill")


def test_check_puts_names_into_the_registrys_order_once_each() -> None:
    assert registry.check(["websocket", "loopback", "websocket"]) == ["loopback", "websocket"]
    assert registry.check([]) == []
    assert registry.check(reversed(list(registry.TRANSPORTS))) == list(registry.TRANSPORTS)


def test_check_names_every_unknown_transport() -> None:
    with pytest.raises(
        registry.UnknownTransportError, match="no transport smoke, tin-can; there are"
    ) as bad:
        registry.check(["tin-can", "loopback", "smoke"])
    assert all(name in str(bad.value) for name in registry.TRANSPORTS)
