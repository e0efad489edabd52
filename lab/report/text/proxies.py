"""What a run says of the proxies in one sentence."""

from __future__ import annotations

from lab.measure.figures.proxies import EVENTS, HEARTBEAT_S, IDLE_S, PROXIES, WATCHED_S
from lab.record import Run
from lab.report.model import formatting
from lab.report.model.summary import Summary, summarise


def sentence(run: Run) -> str | None:
    """What each proxy adds, holds and cuts; None without a proxy."""
    summary = summarise(run)
    parts = [part for proxy in PROXIES if (part := _of(proxy, summary)) is not None]
    return f"{'; '.join(parts)}." if parts else None


def _of(proxy: str, summary: Summary) -> str | None:
    added = _medians(summary, f"{proxy}_added_p50_us")
    if not added:
        return None
    least, most = formatting.number(min(added)), formatting.number(max(added))
    return f"{proxy} adds {least} to {most} µs to the RTT (p50), {_events(proxy, summary)}" + (
        _silence(proxy, summary)
    )


def _events(proxy: str, summary: Summary) -> str:
    at_once = min(_medians(summary, f"{proxy}_at_once")) >= EVENTS
    return "passes every event on at once" if at_once else "holds events until a response ends"


def _silence(proxy: str, summary: Summary) -> str:
    """Empty without a WebSocket."""
    kept = _medians(summary, f"{proxy}_kept_s")
    cut = _medians(summary, f"{proxy}_cut_after_s")
    if not kept:
        return ""
    if not cut:
        return f", and does not cut a WebSocket that is silent for {WATCHED_S:g} s"
    after = formatting.number(min(cut))
    saved = "prevents that" if min(kept) >= WATCHED_S else "does not prevent that"
    return (
        f", and at {IDLE_S} s cuts a silent WebSocket after {after} s: a heartbeat of "
        f"{HEARTBEAT_S} s {saved}"
    )


def _medians(summary: Summary, key: str) -> list[float]:
    return [*summary.medians(f"proxies_{key}").values()]
