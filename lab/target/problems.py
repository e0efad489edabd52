"""Turns whatever goes wrong with a target into one plain sentence and a hint.

This is the only place that knows the exceptions of client libraries. It names them by text, because
to load all these libraries takes longer than most commands.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from lab.target.errors import TargetError
from lab.target.target import Target

SHOWN_BYTES = 24
PLAIN_OR_TLS = {"http": "https", "https": "http", "ws": "wss", "wss": "ws"}
_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "HTTP_REQUEST",
)

_GREETINGS: dict[str, bytes] = {
    "SSH": rb"SSH-\d",
    "TLS": rb"[\x14-\x17]\x03[\x00-\x04]",
    "HTTP/2 without TLS": rb"\x00\x00.\x04[\x00\x01]\x00\x00\x00\x00",
    "SMTP or FTP": rb"220[ -]",
    "POP3": rb"\+OK ",
    "IMAP": rb"\* OK ",
    "Redis": rb"-(ERR|DENIED|NOAUTH) ",
    "MySQL": rb".{3}\x00\x0a\d+\.",
    "AMQP": rb"AMQP",
    "a WebSocket frame before its handshake": rb"[\x81\x82\x88\x89]",
}
"""What some protocols begin with; none of them is HTTP/1."""


@contextmanager
def explained(target: Target, timeout_s: float | None = None) -> Iterator[None]:
    """Raise what the block raises as a `TargetError`; what is no problem of a target passes."""
    try:
        yield
    except TargetError:
        raise
    except Exception as error:
        if not isinstance(error, _loaded(PROBLEMS)):
            raise
        raise problem_of(error, target, timeout_s) from error


PROBLEMS = (
    "builtins.OSError",  # TimeoutError and ssl.SSLError are among them
    "builtins.EOFError",
    "builtins.UnicodeError",
    "aiohttp.ClientError",
    "aiohttp.http_exceptions.HttpProcessingError",
    "h11.RemoteProtocolError",
    "websockets.exceptions.WebSocketException",
)
"""What client libraries raise where a target is not as they expect."""


def _loaded(names: Sequence[str]) -> tuple[type[BaseException], ...]:
    """The classes with these names; a library that is not loaded has raised nothing."""
    split = (name.rpartition(".") for name in names)
    return tuple(
        getattr(sys.modules[module], name) for module, _, name in split if module in sys.modules
    )


def problem_of(error: BaseException, target: Target, timeout_s: float | None = None) -> TargetError:
    """What an error of a client library says about the target."""
    for cause in _causes(error):
        for names, explain in _EXPLAIN:
            if isinstance(cause, _loaded(names)):
                return explain(cause, target, timeout_s)
    what = str(error) or type(error).__name__
    return TargetError(f"{target.authority} did not answer as expected ({what})", SEE_PROBE)


def not_http(data: bytes, target: Target) -> TargetError:
    """The problem where a server's first bytes are no HTTP/1 response."""
    if not data:
        return TargetError(
            f"{target.authority} closed the connection without an answer", _other_scheme(target)
        )
    name = next((n for n, begin in _GREETINGS.items() if re.match(begin, data, re.DOTALL)), None)
    if name == "TLS":
        return TargetError(f"{target.authority} speaks TLS", _other_scheme(target))
    if name is not None:
        return TargetError(f"{target.authority} speaks {name}, not HTTP", "check the port")
    return TargetError(
        f"{target.authority} answers with something that is not HTTP: {_excerpt(data)}",
        "check the port",
    )


_Explain = Callable[[BaseException, Target, float | None], TargetError]
SEE_PROBE = "`lab probe URL` shows what the server speaks"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what caused it, the innermost first; some libraries keep only a text."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = getattr(error, "os_error", None)
        error = inner if isinstance(inner, BaseException) else error.__cause__
    yield from reversed(found)


def _other_scheme(target: Target) -> str:
    other = PLAIN_OR_TLS[target.scheme]
    return f"try {other}://{target.authority}{target.resource}"


def _excerpt(data: bytes) -> str:
    return repr(data[:SHOWN_BYTES])[1:] + ("…" if len(data) > SHOWN_BYTES else "")


def _timed_out(_: BaseException, target: Target, timeout_s: float | None) -> TargetError:
    within = "in time" if timeout_s is None else f"within {timeout_s:g} s"
    return TargetError(
        f"{target.authority} did not answer {within}", "check the port, or give a longer --timeout"
    )


def _unresolved(_: BaseException, target: Target, __: float | None) -> TargetError:
    return TargetError(f"the name {target.host} has no address", "check the host")


def _refused(_: BaseException, target: Target, __: float | None) -> TargetError:
    return TargetError(f"nothing listens at {target.host} port {target.port}", "start the server")


def _untrusted(error: BaseException, target: Target, _: float | None) -> TargetError:
    reason = getattr(error, "verify_message", "") or str(error)
    return TargetError(
        f"the certificate of {target.authority} is not trusted ({reason})",
        "name its authority's file in SSL_CERT_FILE, or add --insecure for a server of yours",
    )


def _no_tls(error: BaseException, target: Target, _: float | None) -> TargetError:
    reason = getattr(error, "reason", None) or str(error)
    if reason in _NOT_TLS:
        return TargetError(f"{target.authority} does not speak TLS", _other_scheme(target))
    return TargetError(f"the TLS handshake with {target.authority} failed ({reason})", SEE_PROBE)


def _closed(_: BaseException, target: Target, __: float | None) -> TargetError:
    return not_http(b"", target)


def _unreachable(error: BaseException, target: Target, _: float | None) -> TargetError:
    reason = getattr(error, "strerror", None) or str(error)
    return TargetError(
        f"{target.host} can't be reached ({reason})", "check the host and the network"
    )


def _status(error: BaseException, target: Target, _: float | None) -> TargetError:
    status = getattr(error, "status", None) or getattr(
        getattr(error, "response", None), "status_code", None
    )
    return TargetError(
        f"{target.authority} answers {target.path} with status {status}, not a WebSocket", SEE_PROBE
    )


def _malformed(error: BaseException, target: Target, _: float | None) -> TargetError:
    text = str(getattr(error, "message", "") or error).split("\n", 1)[0].rstrip(": ")
    return TargetError(f"{target.authority} does not answer in HTTP/1.1 ({text})", SEE_PROBE)


_EXPLAIN: tuple[tuple[tuple[str, ...], _Explain], ...] = (
    (("socket.gaierror",), _unresolved),
    (("builtins.TimeoutError",), _timed_out),
    (("ssl.SSLCertVerificationError", "aiohttp.ClientConnectorCertificateError"), _untrusted),
    (("ssl.SSLError",), _no_tls),
    (("builtins.ConnectionRefusedError",), _refused),
    (
        (
            "builtins.ConnectionResetError",
            "builtins.ConnectionAbortedError",
            "builtins.BrokenPipeError",
            "builtins.EOFError",
            "aiohttp.ServerDisconnectedError",
        ),
        _closed,
    ),
    (("aiohttp.WSServerHandshakeError", "websockets.exceptions.InvalidStatus"), _status),
    (
        (
            "builtins.UnicodeError",
            "aiohttp.ClientResponseError",
            "aiohttp.http_exceptions.HttpProcessingError",
            "h11.RemoteProtocolError",
            "websockets.exceptions.InvalidMessage",
        ),
        _malformed,
    ),
    (("builtins.OSError",), _unreachable),
)
"""Errors with what explains them, the more special ones first."""
