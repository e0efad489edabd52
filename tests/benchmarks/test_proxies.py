"""The experiment `proxies`: each one that is installed is measured beside the direct path."""

from __future__ import annotations

from pathlib import Path

from benchmarks.behind_proxies import installed
from lab.cluster.programs import missing
from lab.load.profiles import PROFILES
from lab.measure.figures.proxies import DIRECT, EVENTS, PROXIES
from tests.benchmarks.test_cost import figures, measured
from tests.interop.conftest import needs

SIZES = PROFILES["quick"].proxies


def test_every_proxy_is_measured_beside_the_direct_path(tmp_path: Path) -> None:
    for proxy in PROXIES:
        needs(missing(proxy))
    asked = "loopback,websocket-tuned,http-stream"
    found = measured(tmp_path, "--experiments", "proxies", "--transports", asked)
    # A stream has no silence that a WebSocket's time-out is for.
    assert set(found) == {
        "test_paths[websocket-tuned]",
        "test_paths[http-stream]",
        "test_silence[websocket-tuned]",
    }
    for name in ("websocket-tuned", "http-stream"):
        counts = found[f"test_paths[{name}]"]
        assert counts.detail is not None
        assert counts.detail.keys() == {DIRECT, *installed()}
        assert (counts.operations, counts.lost) == (SIZES.round_trips, 0)
        assert None not in figures(counts).values()
        assert {each["at_once"] for each in counts.detail.values()} == {EVENTS}
    silence = figures(found["test_silence[websocket-tuned]"])
    for proxy in ("nginx", "haproxy"):  # this Caddy has no such time-out
        assert silence[f"proxies_{proxy}_cut_after_s"] is not None
        assert silence[f"proxies_{proxy}_kept_s"] is not None
