"""What `lab reproduce cometd` prints: the published run beside the lab's, and what is not alike."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from lab.measure import histogram
from lab.reproduce.cometd import PUBLISHED, Redone
from lab.reproduce.tables import table

LATENCIES = ((50, "p50"), (90, "p90"), (99, "p99"), (100, "max"))


def beside(done: Redone) -> Table:
    """A row for each size and figure."""
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
        f"said/s, of {done.workload.offered_per_s:,.0f}",
        f"{PUBLISHED.said_per_s:,}",
        f"{found.said_per_s:,.0f}",
    )
    every = f"{PUBLISHED.deliveries:,}"
    yield "deliveries expected", every, f"{found.expected:,}"
    yield "deliveries counted", every, f"{found.delivered:,}"
    yield "deliveries/s", f"{PUBLISHED.delivered_per_s:,}", f"{found.delivered_per_s:,.0f}"
    yield "HTTP responses that brought some", "not printed", f"{counted.responses:,}"
    yield "share of responses", f"{PUBLISHED.share:.2%}", f"{counted.share:.2%}"
    yield "  without own copies", "not printed", f"{counted.share_to_others:.2%}"
    yield "deliveries a response", f"{1 / PUBLISHED.share:.2f}", f"{1 / counted.share:.2f}"


def _latencies(done: Redone) -> Iterator[tuple[str, str, str]]:
    distribution = histogram.of(done.outcome.latencies_ns)
    for percentile, label in LATENCIES:
        theirs = PUBLISHED.percentiles_ms.get(percentile)
        ours = f"{distribution.percentile_ns(percentile) / 1e6:.1f}" if distribution.count else "–"
        yield f"latency {label}, ms", f"{theirs:.1f}" if theirs else "not printed", ours
    use = done.use
    shares = f"{use.server_share or 0:.0%}, {use.load_share:.0%}"
    yield "CPU of server, of load and relay", "–", shares


def differences(done: Redone) -> Iterator[str]:
    """Sentences: why a difference between the columns need not be one between the protocols."""
    yield (
        f"Scale: clients x {done.scale:g}, so that a room has {done.workload.members_per_room:g} "
        f"members, not {PUBLISHED.workload.members_per_room:g}. Each still is in 10 of 100 rooms "
        "and hears one message of a batch on average, which decides how many share a response."
    )
    yield (
        "Protocol: Bayeux parks one /meta/connect, and messages may come in the response to a "
        "publish as well; Engine.IO delivers in its one parked GET only."
    )
    yield (
        "Senders: CometD's publish to any room. Here one must be a member, and gets its own copy: "
        f"{done.workload.messages:,} of the deliveries, left out in the second share."
    )
    yield (
        "Server and client: Jetty and Java, up to 256 threads on several cores; here Python, a "
        "core each at most, the relay on the load's. Rates and latencies are not comparable."
    )


def comparison(done: Redone) -> str:
    """What may be concluded, in a sentence or two."""
    if done.pace >= PUBLISHED.pace:
        kept = "the pace was kept as well as in the published run"
    else:
        kept = (
            f"but {done.pace:.0%} of the pace was kept, published {PUBLISHED.pace:.0%}: messages "
            f"came more slowly than they were meant to{_why_slow(done)}"
        )
    return (
        f"Per delivery to others there were {done.responses.share_to_others:.1%} HTTP responses, "
        f"published {PUBLISHED.share:.2%}; {kept}. The share tells how many messages come while a "
        "poll is away: of the rate, and of how long server and client take for a poll, as much as "
        "of the protocol."
    )


def _why_slow(done: Redone) -> str:
    match done.use.saturated:
        case "neither" | "unknown":
            return " (neither side was out of CPU: other work on the machine, or late timers)"
        case side:
            return f" (out of CPU: {side})"
