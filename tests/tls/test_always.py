"""What exists only over TLS is served with a certificate of the lab's, without asking."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.chat.events import Joined
from lab.contract import ClientTls, ConnectOptions, ServeOptions
from lab.load.closed_loop import ignore
from lab.page.presence import Attendance
from lab.page.servers import Servers
from lab.service import ChatService
from lab.tls.always import with_its_tls
from tests.conformance.client import PATIENCE_S, in_time
from tests.conformance.served import served
from tests.tls.secure import NAME, Secure, register
from transports import registry


def test_only_what_needs_tls_gets_it_and_own_files_are_kept() -> None:
    plain = ServeOptions()
    with with_its_tls(registry.load("websocket"), plain) as found:
        assert found == (plain, None)
    with with_its_tls(Secure(), plain) as (options, trusted):
        assert options.tls is not None
        assert trusted is not None
        with with_its_tls(Secure(), options) as again:
            assert again == (options, None)


async def test_the_tests_serve_it_over_tls() -> None:
    async with served(Secure()) as s:
        assert s.server.address.is_tls
        ann = await s.connect()
        await ann.joined("den", "ann")


async def test_the_page_serves_it_over_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    register(monkeypatch)
    secrets = tmp_path / "keys.log"
    servers = Servers(ChatService(), Attendance(), ServeOptions(), print, secrets)
    assert (await in_time(servers.address(NAME))).is_tls
    await in_time(servers.close())


async def test_lab_serve_serves_it_over_tls() -> None:
    command = (sys.executable, "-m", "tests.tls.secure", "serve", NAME)
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        ready = json.loads(await in_time(process.stdout.readline()))
        options = ConnectOptions(timeout_s=PATIENCE_S, tls=ClientTls(ready["authority"]))
        client = await Secure().connect(ready["url"], ignore, options)
        assert isinstance(await in_time(client.join("den", "ann")), Joined)
        await client.close()
    finally:
        process.terminate()
        await in_time(process.wait())
