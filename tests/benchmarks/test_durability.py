"""The benchmark of the journals under plain pytest: every message is kept, and none is lost."""

from __future__ import annotations

from pathlib import Path

from lab.load.profiles import PROFILES
from tests.benchmarks.test_cost import figures, measured

PROFILE = PROFILES["quick"]


def test_every_journal_is_measured_beside_none(tmp_path: Path) -> None:
    asked = "loopback,websocket-tuned"
    found = measured(tmp_path, "--experiments", "durability", "--transports", asked)
    assert set(found) == {"test_durability[websocket-tuned]"}  # a journal needs a server
    counts = found["test_durability[websocket-tuned]"]
    messages = PROFILE.harness.messages * PROFILE.rounds * 2 * 3
    assert (counts.delivered, counts.lost) == (messages * PROFILE.harness.room, 0)
    values = figures(counts)
    positive = {key for key, value in values.items() if value is not None and value > 0}
    may_be_less = {key for key in values if key.endswith("_added_us")}
    assert set(values) - positive <= may_be_less
    alone, together = (values[f"durability_normal_{window}_per_commit"] for window in (1, 16))
    assert alone is not None
    assert together is not None
    assert alone < together
