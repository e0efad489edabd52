"""The causes as data: what each is, what a capture shows of it, and what to do.

A sign is a function of the facts. It returns the evidence in words, or None. Its weight says how
much it counts. A cause without its first sign is not considered.
"""

from __future__ import annotations

__pure__ = True

from collections.abc import Callable

import msgspec

from lab.why.facts import Close, End, Facts, Refusal

Sign = Callable[[Facts], str | None]

IDLE_S = 1.0
"""Shorter silences before an end say nothing."""
LARGE_BYTES = 64 * 1024
"""From here on a message may exceed a server's limit."""
FLOOD_BYTES = 256 * 1024
"""From here on, bytes toward a client that says nothing are a backlog."""
PROXY_S = (30, 50, 55, 60, 100, 120, 300, 350, 600)
"""Idle time-outs of widely used proxies and load balancers, in seconds."""
GOING_AWAY, POLICY, TOO_BIG, INTERNAL, RESTART, TRY_LATER = 1001, 1008, 1009, 1011, 1012, 1013


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why a connection can end. `signs`: (weight, sign); the first is required."""

    name: str
    title: str
    meaning: str
    advice: str
    signs: tuple[tuple[int, Sign], ...]


def _close(facts: Facts, codes: tuple[int, ...]) -> Close | None:
    return next((close for close in facts.closes if close.code in codes), None)


def _quoted(close: Close) -> str:
    who = "the server" if close.direction == "down" else "the client"
    reason = f" {close.reason!r}" if close.reason else ""
    return f"{who} closed with {close.code}{reason}" if close.code else f"{who} sent {close.reason}"


def _ended(facts: Facts, kind: str | None = None) -> End | None:
    """The first TCP end by the server's side, if no protocol's close came before it."""
    end = facts.first_end
    if end is None or end.direction != "down" or (kind and end.kind != kind):
        return None
    return None if any(close.at_ns <= end.at_ns for close in facts.closes) else end


def _by_server(facts: Facts) -> bool:
    """Whether the server closed, or its side of TCP was the first to end."""
    end = facts.first_end
    return facts.close_by("down") is not None or (end is not None and end.direction == "down")


def _refusal(facts: Facts, wanted: Callable[[Refusal], bool]) -> Refusal | None:
    return next((refusal for refusal in facts.refusals if wanted(refusal)), None)


def ended_without_close(facts: Facts) -> str | None:
    """The server's side of TCP ended, and nobody had said so before."""
    end = _ended(facts)
    return f"{_tcp(end)} without the protocol's close" if end else None


def fin_without_close(facts: Facts) -> str | None:
    """As `ended_without_close`, by FIN."""
    return ended_without_close(facts) if _ended(facts, "fin") else None


def reset_by_server(facts: Facts) -> str | None:
    """As `ended_without_close`, by RST."""
    return ended_without_close(facts) if _ended(facts, "reset") else None


def _tcp(end: End) -> str:
    who = "the server's side" if end.direction == "down" else "the client's side"
    return f"{who} {'reset TCP (RST)' if end.kind == 'reset' else 'ended TCP (FIN)'}"


def nobody_listens(facts: Facts) -> str | None:
    """A connection to the server was refused."""
    return "afterwards nobody listened at the server's address" if facts.refused else None


def server_listens(facts: Facts) -> str | None:
    """A connection that was opened later was answered."""
    return "a later connection was answered" if facts.reopened else None


def was_idle(facts: Facts) -> str | None:
    """Nothing was sent for a while before the end."""
    if facts.silent_s < IDLE_S or not _ended(facts):
        return None
    return f"no byte in the last {facts.silent_s:.1f} s before it"


def idle_as_a_proxy(facts: Facts) -> str | None:
    """The idle time is the time-out of a widely used proxy."""
    near = next((s for s in PROXY_S if abs(facts.silent_s - s) < max(s * 0.02, 1)), None)
    return f"{near} s is a usual time-out of proxies" if near and _ended(facts) else None


def gateway_timeout(facts: Facts) -> str | None:
    """A proxy said so."""
    found = _refusal(facts, lambda one: one.status in (408, 504))
    return f"HTTP {found.status} for {found.target}" if found else None


def was_busy(facts: Facts) -> str | None:
    """Bytes came until just before the end."""
    return "bytes came until just before it" if facts.silent_s < IDLE_S and _ended(facts) else None


def line_fell_silent(facts: Facts) -> str | None:
    """Nothing came in either direction for longer than ever before, and the server did not end."""
    if _by_server(facts) or facts.refused:  # a line that carries a refusal is not silent
        return None
    if facts.silent_s < max(IDLE_S, 1.4 * facts.longest_gap_s):
        return None
    return f"no byte in either direction for {facts.silent_s:.1f} s"


def client_gave_up(facts: Facts) -> str | None:
    """Then the client ended the connection."""
    first = facts.close_by("up") or facts.first_end
    ended = first is not None and first.direction == "up"
    return "then the client's side ended it" if ended else None


def nobody_noticed(facts: Facts) -> str | None:
    """Then neither side ended it."""
    return "and neither side has ended it" if facts.open else None


def heartbeat_unanswered(facts: Facts) -> str | None:
    """The server's last heartbeat had no answer, and the client did not end."""
    by_server = _by_server(facts) or any(refusal.session for refusal in facts.refusals)
    if facts.unanswered_s is None or not (by_server or facts.open):
        return None
    if facts.unanswered_s < (IDLE_S / 2 if by_server else 1.4 * facts.longest_gap_s):
        return None
    return f"the server's last heartbeat had no answer for {facts.unanswered_s:.1f} s"


def keepalive_reason(facts: Facts) -> str | None:
    """The close says so."""
    found = next(
        (
            close
            for close in facts.closes
            if any(word in close.reason.lower() for word in ("ping", "heartbeat", "keepalive"))
        ),
        None,
    )
    return _quoted(found) if found else None


def client_fell_silent(facts: Facts) -> str | None:
    """The server ended, after the client had said nothing for longer than a heartbeat."""
    return heartbeat_unanswered(facts) or keepalive_reason(facts) or _silent_client(facts)


def _silent_client(facts: Facts) -> str | None:
    end = _ended(facts)
    if end is None or facts.silent_s < IDLE_S:
        return None
    return f"the server's side ended it after {facts.silent_s:.1f} s without an answer"


def too_big(facts: Facts) -> str | None:
    """The server said so: 1009, HTTP 413, or an end just after a large message."""
    if close := _close(facts, (TOO_BIG,)):
        return _quoted(close)
    if found := _refusal(facts, lambda one: one.status == 413):
        return f"HTTP {found.status} for {found.target}"
    server = _ended(facts) or facts.close_by("down") or facts.refusals
    if facts.largest_up >= LARGE_BYTES and server and facts.flood_bytes < FLOOD_BYTES:
        return (
            f"the client's side sent a message of {facts.largest_up:,} B, and the server ended it"
        )
    return None


def large_message(facts: Facts) -> str | None:
    """The client's largest message is large."""
    large = facts.largest_up >= LARGE_BYTES
    return f"the largest message was {facts.largest_up:,} B" if large else None


def origin_refused(facts: Facts) -> str | None:
    """A request with another site's Origin was refused."""
    found = _refusal(
        facts,
        lambda one: (
            one.status in (400, 401, 403)
            and one.origin is not None
            and one.origin.partition("://")[2] != one.host
        ),
    )
    return f"HTTP {found.status} for a request with Origin {found.origin}" if found else None


def unknown_session(facts: Facts) -> str | None:
    """A request that names a session was refused."""
    found = _refusal(facts, lambda one: one.session is not None and one.status in (400, 404, 410))
    return f"HTTP {found.status} for session {found.session}" if found else None


def session_words(facts: Facts) -> str | None:
    """The answer's text is about a session."""
    words = ("session", "sid")
    found = _refusal(facts, lambda one: any(word in one.body.lower() for word in words))
    return f"the answer says {found.body.strip()[:80]!r}" if found else None


def going_away(facts: Facts) -> str | None:
    """The server closed in order, and did not say that the client is to blame."""
    if close := _close(facts, (GOING_AWAY, RESTART)):
        return _quoted(close)
    first = facts.closes[0] if facts.closes else None
    if first is not None and first.direction == "down" and first.code in (None, 1000, 1005):
        return _quoted(first)
    return None


def server_ended(facts: Facts) -> str | None:
    """The server closed in order; or it ended without a close, and is gone."""
    gone = ended_without_close(facts) or _answered_all(facts)
    return going_away(facts) or (gone if facts.refused else None)


def _answered_all(facts: Facts) -> str | None:
    """The server spoke, and nothing was under way when it ended."""
    spoke = facts.flood_bytes and not facts.ends
    return "the server had answered every request" if spoke else None


def backlog(facts: Facts) -> str | None:
    """The server sent and sent, the client said nothing, and the server ended."""
    ended = _ended(facts) or facts.close_by("down") or facts.open or facts.refusals
    if facts.flood_bytes < FLOOD_BYTES or not ended:
        return None
    return f"the server sent {facts.flood_bytes:,} B while the client sent nothing"


def large_backlog(facts: Facts) -> str | None:
    """As `backlog`, and as much as servers keep."""
    return backlog(facts) if facts.flood_bytes >= 4 * FLOOD_BYTES else None


def slow_reason(facts: Facts) -> str | None:
    """The close says so."""
    found = next((close for close in facts.closes if "slow" in close.reason.lower()), None)
    return _quoted(found) if found else None


CAUSES: tuple[Cause, ...] = (
    Cause(
        name="peer-killed",
        title="peer killed",
        meaning="The server's process ended without a word; the kernel closed its connections.",
        advice="Look for a crash, an out-of-memory kill or a deployment that kills. Let clients "
        "reconnect with a growing pause.",
        signs=((3, ended_without_close), (6, nobody_listens)),
    ),
    Cause(
        name="reset",
        title="RST",
        meaning="Something between the two, or an end itself, reset the TCP connection.",
        advice="Look at firewalls, NAT tables and load balancers on the way. Bytes under way are "
        "lost: resume from the last event that has arrived.",
        signs=((6, reset_by_server), (2, was_busy), (1, server_listens)),
    ),
    Cause(
        name="fin",
        title="FIN",
        meaning="TCP was closed in order, but the protocol above it was not.",
        advice="Look at proxies that end connections, and at servers that are stopped without "
        "closing. A close code of 1006 in a browser means this.",
        signs=((4, fin_without_close), (2, was_busy), (1, server_listens)),
    ),
    Cause(
        name="silent-line",
        title="silent line",
        meaning="Nothing arrives any more in either direction, and nobody says so.",
        advice="Only a heartbeat or a time-out finds this. Give the client one of its own: on "
        "native WebSocket a browser has none.",
        signs=((6, line_fell_silent), (2, client_gave_up), (1, nobody_noticed)),
    ),
    Cause(
        name="proxy-timeout",
        title="proxy time-out",
        meaning="A proxy ended a connection on which nothing was sent for a while.",
        advice="Make the heartbeat's interval shorter than the proxy's time-out (nginx: "
        "proxy_read_timeout, 60 s), or raise that.",
        signs=((5, was_idle), (3, idle_as_a_proxy), (4, gateway_timeout)),
    ),
    Cause(
        name="heartbeat-missed",
        title="heartbeat missed",
        meaning="The server's heartbeat had no answer in time, and the server ended.",
        advice="The client's event loop or page is blocked or frozen, or its answers are lost. "
        "Allow a longer time-out only if pauses are normal.",
        signs=((4, client_fell_silent), (5, heartbeat_unanswered), (5, keepalive_reason)),
    ),
    Cause(
        name="oversized-message",
        title="oversized message",
        meaning="A message was larger than the other side takes.",
        advice="Split it, or raise the limit on both sides (max_size, maxHttpBufferSize, "
        "client_max_body_size of a proxy).",
        signs=((8, too_big), (2, large_message)),
    ),
    Cause(
        name="forbidden-origin",
        title="forbidden Origin",
        meaning="The server refused a page of another site.",
        advice="Add the page's origin to the server's list (origins, cors_allowed_origins). A "
        "proxy must pass Host on.",
        signs=((9, origin_refused),),
    ),
    Cause(
        name="unknown-sid",
        title="unknown sid",
        meaning="A request named a session that this server does not have.",
        advice="With several servers, send a session to the same one (sticky sessions). After a "
        "restart this is normal: connect anew.",
        signs=((7, unknown_session), (2, session_words)),
    ),
    Cause(
        name="server-restart",
        title="server restart",
        meaning="The server closed in order, because it ends.",
        advice="Reconnect after a short random pause, and resume. Keep the log over the restart.",
        signs=((3, server_ended), (4, going_away), (3, nobody_listens)),
    ),
    Cause(
        name="slow-consumer",
        title="slow consumer",
        meaning="A client reads more slowly than the room speaks, until the server's queue is "
        "full.",
        advice="Read without blocking, show less, or join smaller rooms; then resume from the last "
        "event that has arrived.",
        signs=((8, backlog), (3, large_backlog), (4, slow_reason)),
    ),
)
"""In the order of the table."""
BY_NAME = {cause.name: cause for cause in CAUSES}
