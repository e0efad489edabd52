"""The TLS of a client of a target."""

from __future__ import annotations

import ssl


def tls(insecure: bool = False) -> ssl.SSLContext:
    """The TLS of a client; `insecure` accepts any certificate."""
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
