"""Formats the output of `lab reproduce cometd`: the published run beside the lab's run."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from lab.measure import histogram
from lab.reproduce.cometd import PUBLISHED, Redone
from lab.reproduce.tables import table

LATENCIES = ((50, "p50"), (90, "p90"), (99, "p99"), (100, "max"))


def beside(done: Redone) -> Table:
    """Return a table with a row for each size and figure."""
    made = table(
        f"CometD's workload, {done.scale:g} times the clients", "", "published", "measured"
    )
    for name, theirs, ours in (*_sizes(done), *_counts(done), *_latencies(done)):
        made.add_row(name, theirs, ours, style="bold" if name.startswith("share") else None)
    return made


def _sizes(done: Redone) -> Iterator[tuple[str, str, str]]:
    theirs, ours = PUBLISHED.workload, done.workload
    for name in ("clients", "rooms", "rooms_per_client", "batches", "batch_size", "text_bytes"):
        label = "text, B" if name == "text_bytes" else name.replace("_", " ")
        yield label, f"{getattr(theirs, name):,}", f"{getattr(ours, name):,}"
    yield "pause, ms", f"{theirs.pause_ms:g}", f"{ours.pause_ms:g}"
    yield "members of a room", f"{theirs.members_per_room:g}", f"{ours.members_per_room:g}"


def _counts(done: Redone) -> Iterator[tuple[str, str, str]]:
    found, counted = done.outcome, done.responses
    yield (
        f"messages/s, of {done.workload.offered_per_s:,.0f}",
        f"{PUBLISHED.said_per_s:,}",
        f"{found.said_per_s:,.0f}",
    )
    every = f"{PUBLISHED.deliveries:,}"
    yield "deliveries expected", every, f"{found.expected:,}"
    yield "deliveries counted", every, f"{found.delivered:,}"
    yield "deliveries/s", f"{PUBLISHED.delivered_per_s:,}", f"{found.delivered_per_s:,.0f}"
    yield "HTTP responses with messages", "not printed", f"{counted.responses:,}"
    yield "share of responses", f"{PUBLISHED.share:.2%}", f"{counted.share:.2%}"
    yield "  without own copies", "not printed", f"{counted.share_to_others:.2%}"
    yield "deliveries a response", f"{1 / PUBLISHED.share:.2f}", f"{1 / counted.share:.2f}"


def _latencies(done: Redone) -> Iterator[tuple[str, str, str]]:
    distribution = histogram.from_samples(done.outcome.latencies_ns)
    for percentile, label in LATENCIES:
        theirs = PUBLISHED.percentiles_ms.get(percentile)
        ours = f"{distribution.percentile_ns(percentile) / 1e6:.1f}" if distribution.count else "–"
        yield f"latency {label}, ms", f"{theirs:.1f}" if theirs else "not printed", ours
    use = done.use
    shares = f"{use.server_share or 0:.0%}, {use.load_share:.0%}"
    yield "CPU of the server, of load and relay", "–", shares


def differences(done: Redone) -> Iterator[str]:
    """Yield the reasons, besides the protocol, for differences between the columns."""
    yield (
        f"Scale: {done.scale:g} times the clients, so a room has "
        f"{done.workload.members_per_room:g} members, not {PUBLISHED.workload.members_per_room:g}. "
        "Each client is still in 10 of 100 rooms and receives one message of a batch on average, "
        "which decides how many messages share a response."
    )
    yield (
        "Protocol: Bayeux keeps one /meta/connect waiting, and the response to a publish may carry "
        "messages too. Engine.IO delivers in its one waiting GET only."
    )
    yield (
        "Senders: CometD's clients publish to any room. Here a sender must be a member, and gets "
        f"its own copy: {done.workload.messages:,} of the deliveries, left out of the second share."
    )
    yield (
        "Server and client: Jetty and Java with up to 256 threads on several cores; here Python "
        "with one core each, the relay on the load's core. Do not compare rates and latencies."
    )


def comparison(done: Redone) -> str:
    """Return the conclusion in one to three sentences."""
    if done.pace >= PUBLISHED.pace:
        kept = "The rate was kept as well as in the published run"
    else:
        kept = (
            f"But {done.pace:.0%} of the rate was kept, published {PUBLISHED.pace:.0%}: messages "
            f"came more slowly than intended{_why_slow(done)}"
        )
    return (
        f"Per delivery to others there were {done.responses.share_to_others:.1%} HTTP responses, "
        f"published {PUBLISHED.share:.2%}. {kept}. The share shows how many messages arrive while "
        "no "
        "poll is waiting. It depends on the rate and on the time that server and client take for "
        "a poll, as much as on the protocol."
    )


def _why_slow(done: Redone) -> str:
    match done.use.saturated:
        case "neither" | "unknown":
            return " (neither side was out of CPU: other work on the machine, or late timers)"
        case side:
            return f" (out of CPU: {side})"
