"""The secrets of TLS connections, in files that only this user can read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.contract import ClientTls
from lab.tls.folder import private_folder
from lab.tls.records import secrets_of


class KeyLog:
    """The secrets that a client or a server writes down while it runs (RFC 9850)."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._secrets: dict[tuple[str, bytes], bytes] = {}
        self._read_to = 0

    def secret(self, key: tuple[str, bytes]) -> bytes | None:
        """The secret with this label and random of the client; None if it is not written down."""
        if key not in self._secrets:
            self._read_on()
        return self._secrets.get(key)

    def _read_on(self) -> None:
        with self._file.open("rb") as file:
            file.seek(self._read_to)
            whole, end, _ = file.read().rpartition(b"\n")
        self._read_to += len(whole) + len(end)
        self._secrets.update(secrets_of(whole.decode("ascii")))


@contextmanager
def key_file() -> Iterator[Path]:
    """An empty file for secrets; it is deleted when the context is left."""
    with private_folder("lab-keys-") as folder:
        keys = folder / "keys.log"
        keys.touch(0o600)
        yield keys


@contextmanager
def client_tls(authority: str | None) -> Iterator[ClientTls | None]:
    """The TLS of a client of `lab serve`; None without TLS.

    `authority`: as the first line of the server says. The file of the secrets is deleted when the
    context is left.
    """
    if authority is None:
        yield None
        return
    with key_file() as keys:
        yield ClientTls(authority, keys=str(keys))
