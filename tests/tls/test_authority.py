"""The hash of a certificate, which a page gives to a browser's WebTransport."""

from __future__ import annotations

import ssl
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import trustme

from lab.tls.authority import certificate_hash, certified


def test_a_browser_may_have_the_hash_of_a_certificate_of_the_lab() -> None:
    with certified() as made:
        text = Path(made.server.certificate).read_text(encoding="ascii")
        first = text[: text.index(ssl.PEM_FOOTER) + len(ssl.PEM_FOOTER)]
        found = certificate_hash(made.server.certificate)
    assert found is not None
    assert b64decode(found) == sha256(ssl.PEM_cert_to_DER_cert(first)).digest()


def test_a_certificate_that_is_valid_for_long_has_none(tmp_path: Path) -> None:
    file = tmp_path / "long.pem"
    trustme.CA().issue_cert("localhost").cert_chain_pems[0].write_to_path(file)
    assert certificate_hash(str(file)) is None
