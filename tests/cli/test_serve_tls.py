"""`lab serve` over TLS, as a person runs it: with the lab's authority, and with own files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization as form
from pytest import Subtests

from lab.chat.events import Joined
from lab.cli import main
from lab.contract import ClientTls, ConnectOptions
from lab.load.closed_loop import ignore
from lab.tls.authority import Certified, certified, key_pin
from tests.cli.test_serve import connect, serving
from tests.conformance.client import PATIENCE_S
from tests.interop.conftest import needs
from transports import registry


@pytest.fixture(scope="module")
def ours() -> Iterator[Certified]:
    with certified() as made:
        yield made


async def test_the_first_line_names_the_authority_to_trust() -> None:
    with serving("websocket", "--tls") as (process, ready):
        authority = Path(ready["authority"])
        assert ready["url"].startswith("wss://")
        options = ConnectOptions(timeout_s=PATIENCE_S, tls=ClientTls(str(authority)))
        client = await connect(ready, options)
        assert isinstance(await client.join("den", "ann"), Joined)
        await client.close()
        assert authority.parent.stat().st_mode & 0o077 == 0  # the server's key is in it too
        process.terminate()
        process.wait(PATIENCE_S)
        assert not authority.parent.exists()


def test_the_key_of_a_killed_server_is_deleted_by_the_next_one() -> None:
    with serving("websocket", "--tls") as (process, ready):
        process.kill()
        process.wait(PATIENCE_S)
    with certified():
        assert not Path(ready["authority"]).exists()


async def test_a_certificate_of_the_user_s_own_is_served(ours: Certified) -> None:
    own = ("--certificate", ours.server.certificate, "--key", ours.server.key)
    with serving("node-websocket" if _node() else "websocket", *own) as (_, ready):
        options = ConnectOptions(timeout_s=PATIENCE_S, tls=ours.client)
        client = await registry.load(ready["transport"]).connect(ready["url"], ignore, options)
        assert isinstance(await client.join("den", "ann"), Joined)
        await client.close()


def _node() -> bool:
    return "node-websocket" in registry.available()


def test_files_that_do_not_fit_are_refused(
    ours: Certified, tmp_path: Path, subtests: Subtests
) -> None:
    chain, key = ours.server.certificate, ours.server.key
    loaded = form.load_pem_private_key(Path(key).read_bytes(), None)
    encrypted = tmp_path / "encrypted.pem"
    encrypted.write_bytes(
        loaded.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"secret")
        )
    )
    with certified() as others:
        strange = others.server.key
        for why, certificate, its_key, complaint in (
            ("another's key", chain, strange, f"{strange} is not the key of {chain}"),
            ("no file", chain, f"{tmp_path}/none", f"{tmp_path}/none: there is no such file"),
            ("a folder", str(tmp_path), key, f"{tmp_path}: there is no such file"),
            ("swapped", key, chain, "are no certificate and unencrypted key in PEM"),
            ("encrypted", chain, str(encrypted), "no certificate and unencrypted key in PEM"),
        ):
            with subtests.test(why):
                words = ["serve", "websocket", "--certificate", certificate, "--key", its_key]
                result = CliRunner().invoke(main, words, terminal_width=400)
                assert result.exit_code == 2
                assert complaint in " ".join(result.output.split())


async def test_chromium_trusts_the_key_that_is_pinned_and_no_other(
    ours: Certified, subtests: Subtests
) -> None:
    from lab.interop.chromium import ChromiumError, chromium, chromium_unavailable, driving

    needs(chromium_unavailable())
    own = ("--certificate", ours.server.certificate, "--key", ours.server.key)
    with serving("websocket", *own) as (_, ready):
        site = ready["url"].replace("wss://", "https://")
        pinned = f"--ignore-certificate-errors-spki-list={key_pin(ours.server.certificate)}"
        with subtests.test("pinned"):
            async with chromium(pinned) as browser:
                page = await browser.new_page()
                await page.goto(site)  # 426: a page whose Origin the server lets in
                said = await page.evaluate(JOIN, ready["url"])
                assert said["type"] == "joined"
        with subtests.test("not pinned"):
            async with chromium() as browser:
                page = await browser.new_page()
                with pytest.raises(ChromiumError, match="ERR_CERT"), driving():
                    await page.goto(site)


JOIN = """
url => new Promise((resolve, reject) => {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send('{"type":"join","id":1,"room":"den","name":"ann"}');
  socket.onmessage = ({data}) => resolve(JSON.parse(data));
  socket.onclose = ({code}) => reject(new Error(`closed: ${code}`));
})
"""
