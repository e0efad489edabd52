"""The committed table: every cause on every transport, or the reason why not."""

from __future__ import annotations

from pathlib import Path

from lab.contract import Capability
from lab.why import table
from lab.why.causes import BY_NAME
from lab.why.inject import PLANS
from transports import registry

ROWS = table.load().rows


def test_every_cause_has_a_plan() -> None:
    assert set(PLANS) == set(BY_NAME)


def test_every_cause_is_observed_on_every_transport_or_the_reason_is_given() -> None:
    wanted = {
        (cause, name, library)
        for cause in BY_NAME
        for name in table.transports()
        for library in table.libraries(registry.load(name))
        if not (PLANS[cause].own_request and library in table.PACKAGES)
    }
    found = {(row.cause, row.transport, row.library) for row in ROWS}
    assert len(found) == len(ROWS)
    assert wanted <= found
    for row in ROWS:
        assert bool(row.without) != (row.facts is not None), row


def test_a_reason_is_that_a_capability_is_missing() -> None:
    for row in (each for each in ROWS if each.transport in table.transports()):
        plan = PLANS[row.cause]
        lacks = not plan.needs <= registry.load(row.transport).capabilities
        assert bool(row.without) == lacks, row


def test_someone_notices_every_cause() -> None:
    """At least one side, on every transport: else nothing was injected."""
    for row in ROWS:
        if not row.without:
            assert row.client is not None or row.server is not None, row


def test_a_server_with_a_heartbeat_notices_a_silent_line() -> None:
    for row in ROWS:
        if row.cause in ("silent-line", "heartbeat-missed") and not row.without:
            assert row.server == "lost", row


def test_a_slow_consumer_departs_as_one() -> None:
    seen = [row for row in ROWS if row.cause == "slow-consumer" and not row.without]
    assert {row.server for row in seen} == {"slow_consumer"}


def test_the_table_can_be_read_and_written(tmp_path: Path) -> None:
    file = tmp_path / "observed.json"
    assert table.load(file).rows == []
    table.save(table.load(), file)
    assert file.read_bytes() == table.PATH.read_bytes(), "write it anew: python -m tools.why"
    assert sorted(ROWS, key=table.place) == ROWS


def test_the_document_has_a_section_for_each_cause() -> None:
    text = table.markdown(table.load())
    for cause in BY_NAME.values():
        assert f"## {cause.title[0].upper()}{cause.title[1:]}\n" in text
    columns = {
        line.replace("\\|", "").count("|") for line in text.splitlines() if line.startswith("|")
    }
    assert columns == {8}
    assert Capability.HTTP_SESSION in PLANS["unknown-sid"].needs
    assert "Not on" in text
