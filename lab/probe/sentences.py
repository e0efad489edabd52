"""What a probe found, in rows of a label and a text."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterator

from lab.probe.findings import (
    Browser,
    EarlySocketIo,
    Findings,
    Namespace,
    NativeWebSocket,
    SocketIo,
    Tls,
    TransportCost,
)
from lab.relay.units import format_bytes, format_duration

STICKY = {
    "any": "found again from any connection",
    "cookie": "found again only with its cookie: several servers need sticky sessions",
    "connection": "lost on a new connection: a load balancer spreads one session over servers",
}


def rows(found: Findings) -> Iterator[tuple[str, str]]:
    """Every row, in the order of reading."""
    where = f"{found.address}, TCP{' and TLS' if found.tls else ''} in "
    yield found.target, f"{where}{format_duration(found.dial_ns)}, GET {found.page}"
    if found.tls is not None:
        yield "TLS", _tls(found.tls)
    if found.native is not None:
        yield "WebSocket", "; ".join(_native(found.native))
    yield "Socket.IO", "; ".join(_socket_io(found.socket_io, found.early))
    if found.socket_io is not None and found.socket_io.transports:
        yield "Namespaces", _namespaces(found.socket_io.namespaces)
        yield "Sessions", _sessions(found.socket_io)
    if sent := _unasked(found):
        yield "Unasked", sent
    if found.failed:
        yield "Fails", "; ".join(f"{name} ({reason})" for name, reason in found.failed)
    yield "Headers", "; ".join(f"{n}: {v}" for n, v in found.headers) or "no proxy shows itself"
    yield "Foreign page", "; ".join(_browser(found.browser))
    yield "Not learned", "; ".join(found.unknown) or "–"


def _tls(tls: Tls) -> str:
    offers = f"ALPN {tls.alpn or 'none'}"
    name = f"; for {tls.subject}, until {tls.expires}" if tls.subject else ""
    return f"{tls.version}, {tls.cipher}, {offers}{name}"


def _native(native: NativeWebSocket) -> Iterator[str]:
    if not native.opened:
        yield f"no: {native.resource} answers {_answer(native.answer)}"
        return
    yield f"opens at {native.resource}"
    if not native.accept_valid:
        yield "Sec-WebSocket-Accept is WRONG (RFC 6455 4.2.2)"
    yield ", ".join(native.extensions) or "no compression"
    if native.takes_any_subprotocol:
        yield "takes any subprotocol"
    else:
        yield f"subprotocol {native.subprotocol or 'none'}"
    pong = native.pong_ns
    yield "no pong" if pong is None else f"pong in {format_duration(pong)}"
    if native.pings:
        yield f"{native.pings} ping{'s' if native.pings > 1 else ''} came"
    if native.closed is not None:
        code, reason = native.closed
        yield f"closed by itself: {code} {reason}".rstrip()


def _answer(answer: str) -> str:
    return f"with status {answer}" if answer.isdigit() else f"nothing ({answer})"


def _socket_io(found: SocketIo | None, early: EarlySocketIo | None) -> Iterator[str]:
    if early is not None:
        beat = f"{early.heartbeat_s:g} s" if early.heartbeat_s is not None else "off"
        yield f"0.7 to 0.9 by {', '.join(early.transports)}; heartbeat {beat}"
    if found is None:
        if early is None:
            yield "no"
        return
    versions = " and ".join(map(str, found.versions))
    yield f"Engine.IO {versions} at {found.path}"
    if not found.transports:
        return
    upgrades = f", upgrades to {', '.join(found.upgrades)}" if found.upgrades else ""
    yield f"{' and '.join(found.transports)}{upgrades}"
    yield f"ping {_ms(found.ping_interval_ms)} + {_ms(found.ping_timeout_ms)}"
    yield "maxPayload " + (format_bytes(found.max_payload) if found.max_payload else "unknown")
    if "websocket" in found.transports:
        yield ", ".join(found.extensions) or "no compression"


def _ms(value: float | None) -> str:
    return "unknown" if value is None else format_duration(value * 1e6)


def _namespaces(namespaces: tuple[Namespace, ...]) -> str:
    if not namespaces:
        return "none answers: this is Engine.IO without Socket.IO, or Socket.IO with another parser"
    return "; ".join(f"{each.name} {_admission(each)}" for each in namespaces)


def _admission(namespace: Namespace) -> str:
    reason = f" ({namespace.reason})" if namespace.reason else ""
    if namespace.admitted is None:
        return f"does not answer{reason}"
    return "admits a client" if namespace.admitted else f"refuses{reason}"


def _sessions(found: SocketIo) -> str:
    sets = f"sets {', '.join(found.cookies)}" if found.cookies else "no cookie"
    return f"{sets}; {STICKY[found.sticky]}" if found.sticky else sets


def _unasked(found: Findings) -> str:
    native = found.native.unasked if found.native is not None else ()
    events = found.socket_io.unasked if found.socket_io is not None else ()
    return ", ".join([*native, *(f"event {name}" for name in events)])


def _browser(found: Browser) -> Iterator[str]:
    if found.allow_origin is None:
        yield "can't read answers (no CORS)"
    else:
        cookies = " with cookies" if found.allow_credentials else ""
        yield f"can read answers (CORS {found.allow_origin}{cookies})"
    if found.websocket is not None:
        yield f"{_can(found.websocket == '101')} open a WebSocket ({found.websocket})"
    if found.polling is not None:
        yield f"{_can(found.polling == '200')} poll ({found.polling})"
    yield f"a foreign Host gets {found.host}"


def _can(opens: bool) -> str:
    return "can" if opens else "can't"


def cost_row(cost: TransportCost) -> tuple[str, str, str, str, str]:
    """The cells of a transport: name, ms, round trips, bytes up and down by layer."""
    trips = "–"
    if cost.round_trips is not None:
        tls = f" + {cost.tls_round_trips} TLS" if cost.tls_round_trips else ""
        trips = f"{cost.round_trips}{tls}: {' '.join(cost.purposes)}"
    sizes = [
        f"{size.http:g} + {size.framing:g} + {size.payload:g}" for size in (cost.up, cost.down)
    ]
    return cost.name, f"{cost.connect_ns / 1e6:.1f}", trips, sizes[0], sizes[1]
