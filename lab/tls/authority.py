"""Makes a certificate authority at run time, and the certificate of one server.

The files are in a folder of this process, which is deleted when the context is left.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import trustme

from lab.contract import LOOPBACK, ClientTls, ServerTls
from lab.tls.folder import private_folder

MOST_VALID = timedelta(days=14)
"""A page may give a browser the hash of a certificate that is valid for so long, and not for longer
(WebTransport's `serverCertificateHashes`)."""
VALID = timedelta(days=13)
"""How long a certificate is valid."""
SKEW = timedelta(hours=1)
"""How far a client's clock may be behind."""


class Certified(msgspec.Struct, frozen=True):
    """The files of a server, and the file of the authority that has signed its certificate."""

    server: ServerTls
    authority: str

    @property
    def client(self) -> ClientTls:
        """What a client needs to trust this server, and no other one."""
        return ClientTls(self.authority)


@contextmanager
def certified(names: Sequence[str] = ()) -> Iterator[Certified]:
    """Make a new authority, and a certificate for this machine's loopback and for `names`."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    now = datetime.now(UTC)
    issued = authority.issue_cert(
        *dict.fromkeys((*LOOPBACK, *names)), not_before=now - SKEW, not_after=now + VALID
    )
    with private_folder("lab-tls-") as folder:
        trusted, chain, key = (folder / name for name in ("ca.pem", "chain.pem", "key.pem"))
        authority.cert_pem.write_to_path(trusted)
        for blob in issued.cert_chain_pems:
            blob.write_to_path(chain, append=True)
        issued.private_key_pem.write_to_path(key)
        key.chmod(0o600)
        yield Certified(ServerTls(str(chain), str(key)), str(trusted))


def key_pin(certificate: str) -> str:
    """The SHA-256 of the certificate's public key in base64, as Chromium wants it.

    `--ignore-certificate-errors-spki-list` takes it: the browser then trusts this key, and no
    other one.
    """
    from cryptography import x509  # noqa: PLC0415 - trustme brings it
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    found = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
    public = found.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return b64encode(hashlib.sha256(public).digest()).decode()


def certificate_hash(certificate: str) -> str | None:
    """The SHA-256 of the whole certificate in base64, for a page's `serverCertificateHashes`.

    None: the certificate is valid for longer than a browser allows there.
    """
    from cryptography import x509  # noqa: PLC0415 - trustme brings it
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415

    found = x509.load_pem_x509_certificate(Path(certificate).read_bytes())
    if found.not_valid_after_utc - found.not_valid_before_utc > MOST_VALID:
        return None
    return b64encode(found.fingerprint(hashes.SHA256())).decode()
