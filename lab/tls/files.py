"""Finds out what is wrong with the files of a server's TLS, before a server is started."""

from __future__ import annotations

import ssl
from pathlib import Path

from lab.contract import ServerTls


def fault_of(tls: ServerTls) -> str | None:
    """Why a server can't use these files, in one sentence; None if it can."""
    for file in (tls.certificate, tls.key):
        if not Path(file).is_file():
            return f"{file}: there is no such file"
    try:
        # Without a password the library would ask for one at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            tls.certificate, tls.key, password=""
        )
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return f"{tls.key} is not the key of {tls.certificate}"
        return f"{tls.certificate} and {tls.key} are no certificate and unencrypted key in PEM"
    except OSError as error:
        return f"{error.filename or tls.certificate}: {error.strerror}"
    return None
