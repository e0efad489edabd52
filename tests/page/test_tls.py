"""A page over TLS: its links are read by the keys of the servers, and every byte is counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest import Subtests

from lab.contract import ClientTls
from lab.page.transports import survey
from lab.tls.authority import certified
from tests.page.visitor import Visitor, served, visiting
from transports._shared.tls import client_context

SPOKEN = [
    each.name
    for each in survey(over_tls=True)
    if each.available and each.unsafe is None and each.relayed
]
NO_KEY_LOG = {"uwebsockets"}
"""Their library has no key log (`ServerTls.keys`)."""
LAYERS = ("http", "framing", "payload", "undecodable", "tls")


async def test_what_is_inside_tls_is_read_on_every_transport(
    tmp_path: Path, subtests: Subtests
) -> None:
    with certified() as made:
        context = client_context(made.client)
        assert context is not None
        async with (
            served(tmp_path, tls=made.server) as page,
            visiting(page, ssl=context, origin=page.url.rstrip("/")) as visitor,
        ):
            assert page.url.startswith("https://")
            for name in sorted({*SPOKEN} - NO_KEY_LOG):
                with subtests.test(name):
                    await reads_inside(visitor, name, made.client)


async def reads_inside(visitor: Visitor, name: str, trusting: ClientTls) -> None:
    """A message on one transport, until its connections have ended."""
    line, url = await visitor.link(name)
    await visitor.request("inspect", line=line, on=True)
    connection, _ = await visitor.connect(name, url, trusting)
    await connection.join("den", "ann")
    await connection.say("den", "hello")
    news = await visitor.latest("ledger", line, lambda it: it["account"]["said"] is not None)
    account = news["account"]
    assert "TLS" in [turn["purpose"] for turn in account["connect"]["turns"]]
    said = account["said"]["cost"]
    assert said["up"]["tls"] > 0
    assert said["down"]["tls"] > 0
    kinds = {record["kind"] for record in visitor.records(line)}
    assert {"tls", "opened"} <= kinds
    assert "undecoded" not in kinds
    await connection.close()
    ended = await visitor.latest("counters", line, lambda it: it["connections"]["live"] == 0)
    await visitor.until(lambda: counted(visitor.records(line)) == carried(ended))


def counted(records: list[dict[str, object]]) -> tuple[object, object]:
    """Bytes up and down by the records."""
    sizes = {"up": 0, "down": 0, "none": 0}
    for record in records:
        size, way = record["bytes"], record["direction"]
        assert isinstance(size, int)
        assert isinstance(way, str)
        sizes[way] += size
    return sizes["up"], sizes["down"]


def carried(counters: dict[str, object]) -> tuple[object, object]:
    return counters["up_bytes"], counters["down_bytes"]


@pytest.mark.skipif("uwebsockets" not in SPOKEN, reason="uwebsockets is not installed here")
async def test_without_keys_the_records_are_counted_and_say_so(tmp_path: Path) -> None:
    with certified() as made:
        context = client_context(made.client)
        async with (
            served(tmp_path, tls=made.server, offered=("uwebsockets",)) as page,
            visiting(page, ssl=context, origin=page.url.rstrip("/")) as visitor,
        ):
            line, url = await visitor.link("uwebsockets")
            await visitor.request("inspect", line=line, on=True)
            connection, _ = await visitor.connect("uwebsockets", url, made.client)
            await connection.join("den", "ann")
            await connection.close()
            sealed = await visitor.record(line, lambda it: "without a key" in it["title"])
            assert sealed["kind"] == "tls"
            assert sealed["bytes"] == sealed["tls"] > 0
