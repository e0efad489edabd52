"""Shared by the wires whose library leaves it to the application: which Origin may connect."""

from __future__ import annotations

from urllib.parse import urlsplit


def allowed(origin: str | None, host: str | None, origins: tuple[str, ...] | None) -> bool:
    """Whether a handshake with this `Origin` and `Host` is to be answered.

    No Origin: not a browser, nothing to protect (RFC 6455 section 10.2). Without an allowlist the
    page has to come from the host that it connects to.
    """
    if origin is None:
        return True
    if origins is not None:
        return origin in origins
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:  # what is no URL is no origin of ours
        return False


def of_referer(referer: str | None) -> str:
    """The Origin of the page that a `Referer` names; "null" where it names none (RFC 6454, 7.1).

    A page can leave it out, but can't put another in its place.
    """
    try:
        found = urlsplit(referer or "")
    except ValueError:
        return "null"
    return f"{found.scheme}://{found.netloc}" if found.netloc else "null"
