"""Values that must not be shown or recorded: given by reference, masked wherever they turn up.

A user gives a secret as `env:NAME` or `file:PATH`, after a scheme where there is one ("Bearer
env:TOKEN"). The reference is what is kept and recorded. `reveal` is called where bytes are sent,
and from then on `mask` hides the value in every text, as it stands and as protocols rewrite it.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from lab.target.errors import TargetError

MASK = "*"
SHORTEST = 4
"""Characters. A shorter secret would be found by chance everywhere, and protects nothing."""
LONGEST_FILE_BYTES = 64 * 1024

ALWAYS_SECRET = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"}
)
"""Headers whose values are always given by reference; names in lower case."""

_REFERENCE = re.compile(r"(?P<scheme>[A-Za-z]+ )?(?P<kind>env|file):(?P<where>.+)", re.DOTALL)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110 section 5.6.2)."""


class Secrets:
    """The secrets of one command. Values that were revealed are masked from then on."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ
        self._forms: set[str] = set()

    def reveal(self, text: str) -> str:
        """The text with the value of its reference; a text without one is returned as it is.

        Raises:
            TargetError: what it refers to does not exist, or can't be a secret.
        """
        match = _REFERENCE.fullmatch(text)
        if match is None:
            return text
        value = self._value(match["kind"], match["where"])
        name = f"the secret in {match['kind']}:{match['where']}"
        if len(value) < SHORTEST:
            raise TargetError(f"{name} is too short to be masked", f"{SHORTEST} characters or more")
        if not value.isprintable():  # a line end in a header would begin another one
            raise TargetError(f"{name} has a line end or another control character")
        scheme = match["scheme"] or ""
        self._forms |= set(_forms(value)) | set(_forms(scheme + value) if scheme else ())
        return scheme + value

    def reveal_all(self, value: Any) -> Any:
        """The same for every text in a JSON value, as an auth payload is."""
        if isinstance(value, str):
            return self.reveal(value)
        if isinstance(value, Mapping):
            return {key: self.reveal_all(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.reveal_all(inner) for inner in value]
        return value

    def reveal_query(self, query: str) -> str:
        """A query string with the references among its values revealed, percent-encoded."""
        pairs = (pair.partition("=") for pair in query.split("&"))
        return "&".join(
            name + equals + (quote(self.reveal(value), safe="") if refers(value) else value)
            for name, equals, value in pairs
        )

    @property
    def revealed(self) -> bool:
        """Whether there is anything to mask."""
        return bool(self._forms)

    def mask(self, text: str) -> str:
        """The text with each revealed value as asterisks, of the same length."""
        for form in self._longest_first():
            text = text.replace(form, MASK * len(form))
        return text

    def mask_bytes(self, data: bytes) -> bytes:
        """The same for bytes: offsets stay what they were."""
        for form in self._longest_first():
            encoded = form.encode()
            data = data.replace(encoded, MASK.encode() * len(encoded))
        return data

    def mask_all(self, value: Any) -> Any:
        """The same for every text in a JSON value, keys included."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.mask(str(key)): self.mask_all(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_all(inner) for inner in value]
        return value

    def _longest_first(self) -> list[str]:
        return sorted(self._forms, key=len, reverse=True)

    def _value(self, kind: str, where: str) -> str:
        if kind == "env":
            if where not in self._environ:
                raise TargetError(f"the environment variable {where} is not set", "export it")
            return self._environ[where].strip()
        try:
            with Path(where).open("rb") as file:
                data = file.read(LONGEST_FILE_BYTES + 1)
        except OSError as error:
            raise TargetError(f"the secret file {where} can't be read: {error.strerror}") from None
        if len(data) > LONGEST_FILE_BYTES:
            raise TargetError(f"the secret file {where} is too long", "64 KiB are allowed")
        try:
            return data.decode().strip()
        except UnicodeDecodeError:
            raise TargetError(f"the secret file {where} is not UTF-8") from None


def refers(text: str) -> bool:
    """Whether a text refers to a secret."""
    return _REFERENCE.fullmatch(text) is not None


def _forms(value: str) -> Iterable[str]:
    """A secret as protocols write it: plain, in a URL, in JSON, in base64."""
    yield value
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield base64.b64encode(value.encode()).decode().rstrip("=")


def parse_headers(texts: Iterable[str]) -> dict[str, str]:
    """Headers as a user writes them, "Name: value", the references in them kept.

    Raises:
        TargetError: it is no header, it is one of the handshake's own, or its value is a secret
            that is given plainly.
    """
    return dict(_header(text) for text in texts)


OWN_HEADERS = ("connection", "content-length", "host", "transfer-encoding", "upgrade")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _TOKEN.fullmatch(name):
        raise TargetError("--header has no name and value", "write 'Name: value'")
    low = name.lower()
    if low in OWN_HEADERS or low.startswith("sec-websocket-"):
        raise TargetError(f"the header {name} belongs to the request itself", "leave it out")
    if low in ALWAYS_SECRET and not refers(value):
        raise TargetError(
            f"the value of {name} would be shown and recorded",
            f"write '{name}: env:NAME' or '{name}: file:PATH'",
        )
    if not value.isascii() or not value.isprintable():
        raise TargetError(f"the value of {name} has characters that a header can't have")
    return name, value
