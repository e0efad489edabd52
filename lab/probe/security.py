"""The TLS of an endpoint."""

from __future__ import annotations

import asyncio
from typing import Any

from lab.probe.client import Client
from lab.probe.findings import Tls
from lab.target.problems import explained


async def tls_of(client: Client) -> Tls | None:
    """What a TLS handshake shows; None without TLS.

    Raises:
        TargetError: the handshake fails.
    """
    if client.tls is None:
        return None
    async with client.dial() as connection:
        found = connection.tls
        assert found is not None
        certificate = found.getpeercert() or {}
        cipher = found.cipher()
        return Tls(
            version=found.version() or "",
            cipher=cipher[0] if cipher else "",
            alpn=await _alpn(client),
            subject=_name(certificate),
            expires=str(certificate.get("notAfter", "")),
        )


async def _alpn(client: Client) -> str | None:
    """What the endpoint chooses where HTTP/2 is offered too (RFC 7301)."""
    target = client.endpoint.target
    context = client.make_tls()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with explained(target, client.timeout_s):
        async with asyncio.timeout(client.timeout_s):
            _, writer = await asyncio.open_connection(
                client.endpoint.address, target.port, ssl=context, server_hostname=target.host
            )
    found = writer.get_extra_info("ssl_object").selected_alpn_protocol()
    writer.transport.abort()
    return None if found is None else str(found)


def _name(certificate: dict[str, Any]) -> str:
    """Whom a certificate is for; "" where it was not checked, and so not read."""
    names = [value for _, value in certificate.get("subjectAltName", ())]
    return ", ".join(names)
