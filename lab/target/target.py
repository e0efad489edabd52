"""The URL of a target, in its parts."""

from __future__ import annotations

__pure__ = True

import re
from ipaddress import ip_address
from typing import Literal, cast, get_args
from urllib.parse import SplitResult, quote, urlsplit

import msgspec
from yarl import URL

from lab.target.errors import TargetError

Scheme = Literal["http", "https", "ws", "wss"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
DEFAULT_PORTS: dict[Scheme, int] = {"http": 80, "https": 443, "ws": 80, "wss": 443}
SOCKET_IO_PATH = "/socket.io/"
"""Where Socket.IO's own servers and clients look for it (Socket.IO, Server options, `path`)."""

TIMEOUT_S = 5.0
"""How long a target has for an answer, unless a user says otherwise."""

ALLOWED = "write http://, https://, ws:// or wss:// and a host, such as http://localhost:3000"
MOST_PORT = 65535
_host_characters = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_kept_in_path = "/%:@!$&'()*+,;=~"
_kept_in_query = f"{_kept_in_path}?"
_unprintable = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


class Target(msgspec.Struct, frozen=True):
    """A server that is not the lab's.

    `host`: a name in ASCII (IDNA) and lower case, or an address without brackets. `path`: begins
    with "/". `query`: without "?". References to secrets in it (`token=env:TOKEN`) stay references.
    """

    scheme: Scheme
    host: str
    port: int
    path: str = "/"
    query: str = ""

    @property
    def secure(self) -> bool:
        """Whether it is reached by TLS."""
        return self.scheme in ("https", "wss")

    @property
    def authority(self) -> str:
        """Host and port as in a `Host` header: without the scheme's own port (RFC 9110 4.2.3)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def resource(self) -> str:
        """Path and query, as a request line has them."""
        return self.path + (f"?{self.query}" if self.query else "")

    @property
    def origin(self) -> str:
        """The Origin of a page that this server serves."""
        return f"{'https' if self.secure else 'http'}://{self.authority}"

    @property
    def http_url(self) -> str:
        """The target for an HTTP client."""
        return self.origin + self.resource

    @property
    def websocket_url(self) -> str:
        """The target for a WebSocket client."""
        return f"{'wss' if self.secure else 'ws'}://{self.authority}{self.resource}"

    def at(self, path: str, query: str = "") -> Target:
        """The same server, asked for another path and query."""
        return msgspec.structs.replace(self, path=path, query=query)

    def socket_io(self, path: str = SOCKET_IO_PATH) -> Target:
        """The same server, asked for Socket.IO at `path`, with or without slashes around it."""
        inner = _path(path.strip("/"))
        return self.at(f"{inner.rstrip('/')}/" if inner != "/" else "/")

    def __str__(self) -> str:
        """The URL, in the form that was given."""
        return f"{self.scheme}://{self.authority}{self.resource}"


def parse_target(text: str) -> Target:
    """The target at a URL.

    Raises:
        TargetError: the URL is none, or has what a target can't have. Its text shows no password.
    """
    text = text.strip()
    scheme, _, rest = text.partition("://")
    if scheme.lower() not in SCHEMES or not rest:
        raise TargetError(f"{_shown(text)!r} is no URL of a server", _scheme_hint(text))
    parts = _split(text)
    if "@" in parts.netloc:
        raise TargetError(
            "a URL with a user or a password would be shown and recorded",
            "leave them out and give --header 'Authorization: env:NAME'",
        )
    if "#" in text:
        raise TargetError("a fragment (#) is never sent to a server", "leave it out")
    if _unprintable.search(text):
        raise TargetError("the URL has a space, a backslash or a control character", "encode it")
    scheme_ = cast(Scheme, scheme.lower())
    query = quote(parts.query, safe=_kept_in_query)
    host = host_name(parts.hostname or "")
    return Target(scheme_, host, _port(parts, scheme_), _path(parts.path), query)


def _shown(text: str) -> str:
    """The beginning of a wrong URL, without what could be a password."""
    return re.sub(r"[^/@]*@", "…@", text[:80])


def _scheme_hint(text: str) -> str:
    scheme, colon, rest = text.partition("://")
    if not colon and re.match(r"[\w.\[]", text):
        return f"write the scheme too, such as http://{_shown(text)}"
    if colon and not rest and scheme.lower() in SCHEMES:
        return ALLOWED
    if colon and scheme.lower() in ("socket.io", "socketio", "sio"):
        return "write http:// or https:// for Socket.IO"
    return ALLOWED


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise TargetError(f"{_shown(text)!r} is no URL: {error}", ALLOWED) from None
    if not parts.hostname:
        raise TargetError(f"{_shown(text)!r} has no host", ALLOWED)
    return parts


def _port(parts: SplitResult, scheme: Scheme) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port is None:
        return DEFAULT_PORTS[scheme]
    if not 0 < port <= MOST_PORT:
        raise TargetError(f"{parts.netloc!r} has no valid port", f"a port is 1 to {MOST_PORT}")
    return port


def host_name(text: str) -> str:
    """The normal form of a host: ASCII by IDNA, lower case, no final dot, no brackets.

    Raises:
        TargetError: it is no host.
    """
    wrong = TargetError(f"{text!r} is no host", "write a name or an IP address")
    bare = text.strip().removeprefix("[").removesuffix("]")
    if "%" in bare:
        raise TargetError(f"{text!r} has a zone", "write the address without %")
    if ":" in bare:
        try:
            return str(ip_address(bare))
        except ValueError:
            raise wrong from None
    try:
        name = (URL.build(scheme="http", host=bare).raw_host or "").lower().removesuffix(".")
    except ValueError:
        raise wrong from None
    if not _host_characters.fullmatch(name) or ".." in name or name.startswith("."):
        raise wrong
    return name


def _path(text: str) -> str:
    return quote("/" + text.removeprefix("/"), safe=_kept_in_path)
