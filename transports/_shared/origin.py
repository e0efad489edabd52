"""Decide which requests the server answers, by their Host and Origin. docs/room.md has the rule.

`node/origin.mjs` is the same in JavaScript.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv6Address
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil

from lab.contract import LOOPBACK, ServeOptions, is_loopback

REMEMBERED = 256
"""Pairs of Host and Origin with a cached answer: a client sends the same with each request."""

SINGLE = ("host", "origin", "sec-websocket-key", "sec-websocket-version")
"""Fields that may occur once. Of two values, two readers may use different ones."""
READ = (*SINGLE, "content-encoding", "forwarded", "x-forwarded-host")

# RFC 3986 section 3.2.2, without the comma: `refusal_of` joins two fields of one name by it.
_AUTHORITY = re.compile(
    r"(?:(?P<name>(?:[A-Za-z0-9\-._~!$&'()*+;=]|%[0-9A-Fa-f]{2})+)|\[(?P<ip>[0-9A-Fa-f:.]+)\])"
    r"(?::(?P<port>[0-9]{0,5}))?"
)
_ORIGIN = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/?#]+)", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_FORWARDED_HOST = re.compile(r'(?:^|;)\s*host=("?)([^";]*)\1\s*(?:;|$)', re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_MOST_PORT = 0xFFFF


class Refusal(NamedTuple):
    """The answer to a request that is not admitted: its status, and the reason in one line."""

    status: HTTPStatus
    reason: str


NO_HOST = Refusal(HTTPStatus.BAD_REQUEST, "HTTP/1.1 needs a Host (RFC 9112 section 3.2)\n")
BAD_HOST = Refusal(
    HTTPStatus.BAD_REQUEST, "Host must be a host and a port (RFC 9112 section 3.2)\n"
)
MISDIRECTED = Refusal(
    HTTPStatus.MISDIRECTED_REQUEST,
    "this server does not go by that name; `lab serve --allow-host NAME` adds one\n",
)
FOREIGN = Refusal(HTTPStatus.FORBIDDEN, "this Origin is not allowed\n")
CODED = Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a body must have no content coding\n")
"""RFC 9110 section 15.5.16. A compressed kilobyte may unpack to a megabyte before a limit acts."""


class Admission:
    """Applies the rule for one server.

    Raises:
        ValueError: one of the allowed hosts is invalid.
    """

    def __init__(self, options: ServeOptions) -> None:
        self.names = tuple(sorted(_names(options)))
        self._origins = options.origins
        self._trusts_proxy = options.trust_proxy
        self._answer = lru_cache(maxsize=REMEMBERED)(self._judge)

    def refusal(self, fields: Mapping[str, str]) -> Refusal | None:
        """Why a request with these header fields is refused; None if it is admitted.

        The names are in lower case. Two values of one name are joined by a comma.
        """
        if fields.get("content-encoding", "identity").lower() != "identity":
            return CODED
        forwarded = _forwarded_host(fields) if self._trusts_proxy else None
        return self._answer(fields.get("host"), fields.get("origin"), forwarded)

    def refusal_of(
        self,
        values: Callable[[str], Sequence[str]],
        target: str,
        *,
        needs_host: bool = True,
        page: str | None = None,
    ) -> Refusal | None:
        """Why a library's request is refused; None if it is admitted.

        Args:
            values: gets the values of a header field.
            target: the request target. In absolute form its host counts, and not the field `Host`
                (RFC 9112 section 3.2.2).
            needs_host: whether `Host` is required, as in HTTP/1.1.
            page: the Origin of the request, in place of its header field.
        """
        found = {name: given for name in READ if (given := values(name))}
        for name in SINGLE:
            if len(found.get(name, ())) > 1:
                return Refusal(HTTPStatus.BAD_REQUEST, f"{name} must occur once\n")
        fields = {name: ", ".join(given) for name, given in found.items()}
        if needs_host and "host" not in fields:
            return NO_HOST
        if "host" in fields and not _is_authority(fields["host"]):
            return BAD_HOST
        if (absolute := _ABSOLUTE.match(target)) is not None:
            fields["host"] = absolute[1]
        if page is not None:
            fields["origin"] = page
        return self.refusal(fields)

    def _judge(self, host: str | None, origin: str | None, forwarded: str | None) -> Refusal | None:
        listed = self._origins is not None and origin in self._origins
        if host is None:  # HTTP/1.0; browsers don't send it
            return None if origin is None or listed else FOREIGN
        if not _is_authority(host):
            return BAD_HOST
        if listed:
            return None
        name = _authority(host)[0]
        # No DNS answers for names below `localhost` (RFC 6761 section 6.3): nobody can rebind them.
        if name not in self.names and not name.endswith(".localhost"):
            return MISDIRECTED
        if origin is None:
            return None
        own = self._origins is None and _same_host(origin, forwarded or host)
        return None if own else FOREIGN


def of_referer(referer: str | None) -> str:
    """The Origin of the page in a `Referer`; "null" if there is none (RFC 6454 section 7.1).

    A page can omit this field, but can't give it another value.
    """
    try:
        found = urlsplit(referer or "")
    except ValueError:
        return "null"
    return f"{found.scheme}://{found.netloc}" if found.netloc else "null"


def host_name(name: str) -> str:
    """The normal form of a name or an address, for comparing with a `Host`.

    Raises:
        ValueError: the text is neither.
    """
    return _authority(f"[{name}]" if name.count(":") > 1 and name[0] != "[" else name)[0]


def _same_host(origin: str, host: str) -> bool:
    """Whether a page of `origin` was served by `host`, or by a proxy that ends TLS for it.

    Without a port, the port is the one of the page's scheme, with and without a proxy.
    """
    try:
        name, port, own_port = _origin(origin)
        other, other_port = _authority(host)
    except ValueError:
        return False
    return (name, port or own_port) == (other, other_port or own_port)


def _origin(origin: str) -> tuple[str, int | None, int]:
    """The host and the port of an Origin, and the port of its scheme."""
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        raise ValueError(f"{origin!r} is no Origin, like https://chat.example")
    return *_authority(found["authority"]), _PORTS[found["scheme"].lower()]


def _is_authority(text: str) -> bool:
    try:
        _authority(text)
    except ValueError:
        return False
    return True


def _authority(text: str) -> tuple[str, int | None]:
    """Host and port of `host [":" port]`, the host in normal form (RFC 9110 section 4.2.3)."""
    found = _AUTHORITY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no host")
    port = int(found["port"] or 0)
    if port > _MOST_PORT:
        raise ValueError(f"{text!r} has no port")
    name = str(IPv6Address(found["ip"])) if found["ip"] else found["name"].lower()
    return name.removesuffix("."), port or None


def _forwarded_host(fields: Mapping[str, str]) -> str | None:
    """The host that the nearest proxy got: RFC 7239 or the older field. Its value comes last."""
    if (forwarded := fields.get("forwarded")) is not None:
        found = _FORWARDED_HOST.search(forwarded.rpartition(",")[2])
        return None if found is None else found[2]
    said = fields.get("x-forwarded-host")
    return None if said is None else said.rpartition(",")[2].strip()


def _names(options: ServeOptions) -> set[str]:
    """The names by which a `Host` may address a server with these options."""
    said = [options.host, *options.hosts, *LOOPBACK]
    if not _is_local(options.host):
        said.append(socket.gethostname())
    if options.host in ("0.0.0.0", "::"):  # every address of this machine
        said += _addresses()
    names = {host_name(name) for name in said}
    for origin in options.origins or ():
        with suppress(ValueError):  # "null", or the Origin of a page without a host
            names.add(_origin(origin)[0])
    return names


def _is_local(host: str) -> bool:
    try:
        return is_loopback(host)
    except ValueError:  # a name
        return False


def _addresses() -> set[str]:
    found = (each for interface in psutil.net_if_addrs().values() for each in interface)
    internet = (socket.AF_INET, socket.AF_INET6)
    return {each.address.partition("%")[0] for each in found if each.family in internet}
