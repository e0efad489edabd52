"""The document has the numbers that the code has."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.load.batches import Workload
from lab.load.lost_packet import WAITS
from lab.measure.figures.loss import ONE_WAY_MS
from lab.reproduce import cometd, compressed, quantum, umea
from lab.reproduce.cometd import PUBLISHED

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "reproduce.md").read_text(encoding="utf-8")
LOAD: Workload = PUBLISHED.workload


def test_the_papers_table() -> None:
    cases = zip(
        "ABC",
        quantum.CLIENTS,
        quantum.POLLING_BITS_PER_S,
        quantum.WEBSOCKET_BITS_PER_S,
        strict=True,
    )
    for case, clients, polling, websocket in cases:
        assert f"| {case} | {clients:,} | {polling:,} | {websocket:,} |" in TEXT


@pytest.mark.parametrize(
    "said",
    [
        f"{quantum.POLLING_BYTES} bytes",
        f"{LOAD.clients:,} clients on long-polling, {LOAD.rooms} rooms",
        f"each client in {LOAD.rooms_per_client} of them",
        f"{LOAD.batches:,} batches of {LOAD.batch_size} messages of {LOAD.text_bytes} B",
        f"{LOAD.pause_ms:g} ms of pause",
        f"{PUBLISHED.said_per_s} messages/s said, {PUBLISHED.deliveries:,} deliveries",
        f"**{PUBLISHED.share * 100:.2f} %**",
        f"trials of {cometd.TRIAL_BATCHES} batches",
        ", ".join(f"{scale:g}" for scale in cometd.SCALES[:3]),
        f"keeps {PUBLISHED.pace * 100:.0f} %",
        f"{quantum.TCP_IP_BYTES} B for each segment",
        f"at {umea.PERCENTS[0]}, {umea.PERCENTS[1]} and {umea.PERCENTS[2]} % of lost packets",
        f"a round-trip time of {2 * ONE_WAY_MS} ms",
        f"| 1; {WAITS:g} ways |",
        f"{compressed.CALLS} calls",
        f"{compressed.EVENTS} events",
        f"{compressed.TYPING.plain_bytes} B become {compressed.TYPING.alone_bytes} B",
        f"{compressed.LOOP.plain_per_s:,} messages a second without, "
        f"{compressed.LOOP.deflated_per_s:,} with",
        *(
            f"{row.name}: {row.deflated_ms} ms with, {row.plain_ms} ms without"
            for row in compressed.OBSERVATIONS
        ),
    ],
)
def test_a_number_in_the_text(said: str) -> None:
    assert said in " ".join(TEXT.split())


def test_every_address_of_the_code_is_cited() -> None:
    for module in (cometd, compressed, quantum, umea):
        assert module.__doc__
        addresses = [word.strip(".;,") for word in module.__doc__.split() if "://" in word]
        assert addresses
        assert [address for address in addresses if address not in TEXT] == []
