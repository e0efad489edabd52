# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: "1.3"
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The line stands still for half a second: what does your benchmark say of it?
#
# Nothing is lost; half a second later everything arrives. Whoever wanted to say something in the
# meantime had to wait. A load generator runs all the while and reports its p99, the time that 99 of
# 100 messages stayed within.
#
# ## Your guess first
#
# The run takes three seconds, and the line stands still for half a second of them. Write down:
#
# 1. What share of the people who speak in these three seconds has to wait?
# 2. What p99 does a **closed loop** report, which sends its next message when it has the reply to
#    the last?
# 3. What p99 does an **open loop** report, which sends 200 messages a second come what may?
#
# And one more: on a line that does not stall, a message and its reply take a client in Python some
# 0.2 ms here. How long do they take a page in a browser, on the same machine?

# %%
import asyncio

from lab import notebook
from lab.load.closed_loop import ignore, round_trips
from lab.load.knee import P99_BOUND_NS, Bracket, sweep
from lab.load.open_loop import Load, open_loop
from lab.load.texts import incompressible
from lab.measure import histogram
from lab.measure.clock import now_ns
from lab.notebook import Chart, Prose
from lab.report import summary, words
from lab.report.style import Look

MS_NS = 1_000_000
SECOND_NS = 1000 * MS_NS
RUN_S, STALL_S = 3, 0.5

# %% [markdown]
# ## Measure: one stall, two loads
#
# The relay between client and server stops carrying bytes after one second, and goes on half a
# second later.


# %%
async def stall(line):
    await asyncio.sleep(1)
    line.relay.stall()
    await asyncio.sleep(STALL_S)
    line.relay.resume()


async def closed_loop(line):
    """The RTTs of one who waits for each reply before speaking again, in ns."""
    speaker = await line.connect(ignore)
    await speaker.join("closed loop", "ann")
    stalling = asyncio.ensure_future(stall(line))
    samples, end_ns = [], now_ns() + RUN_S * SECOND_NS
    while now_ns() < end_ns:
        samples += await round_trips(speaker, "closed loop", incompressible(64, 10))
    await stalling
    await speaker.close()
    return samples


async with notebook.served("websocket") as line:
    closed = histogram.of(await closed_loop(line))
    offered = Load(rate_per_s=200, duration_s=RUN_S)
    run, _ = await asyncio.gather(open_loop(line.connect, offered), stall(line))

# %%
told = {
    "closed loop": closed,
    "open loop": run.reply.corrected,
    "open loop, uncorrected": run.reply.uncorrected,
}
p99_ms = {name: one.percentile_ns(99) / MS_NS for name, one in told.items()}
looks = {
    "closed loop": Look("#0072B2", "o", "-"),
    "open loop": Look("#D55E00", "D", "--"),
    "open loop, uncorrected": Look("#8a939d", "s", ":"),
}
title = (
    f"The same stall: p99 of {p99_ms['closed loop']:.1f} ms in a closed loop, "
    f"{p99_ms['open loop']:.0f} ms in an open one"
)
note = (
    f"websocket, stalled for {STALL_S * 1000:.0f} ms of {RUN_S} s by the relay; logarithmic scales"
)
notebook.percentiles(told, looks, title, note)


# %%
def slow(one):
    """How many took longer than 100 ms."""
    percentile, ns = one.percentile_curve()
    return round(one.count * (1 - max(percentile[ns <= 100 * MS_NS], default=0) / 100))


notebook.table(
    ["told by", "samples", "over 100 ms", "p50", "p99", "max"],
    [
        [
            name,
            one.count,
            slow(one),
            *(f"{ns / MS_NS:.1f} ms" for ns in one.percentiles_ns([50, 99, 100])),
        ]
        for name, one in told.items()
    ],
)

# %% [markdown]
# ## Coordinated omission
#
# The closed loop met the stall exactly **once**: it sent a message, waited half a second, and did
# not ask again meanwhile. One slow sample among thousands of fast ones is far beyond p99. Client
# and server have *coordinated* to *omit* just the samples that would tell of it (the name is Gil
# Tene's). And the faster the server is while it works, the more fast samples bury the slow one.
#
# The open loop fixes every send before the run begins, and times each message from the instant when
# it was **due**. Whoever wanted to speak early in the stall waited for all of it, whoever came late
# for little: that is the ramp in its curve. The third curve is the same run as somebody tells it
# who lets pass what is due while he waits.

# %%
late = slow(told["open loop"]) / told["open loop"].count
Prose(
    f"Of those who wanted to speak, {late:.0%} waited longer than 100 ms. The closed loop has "
    f"{slow(closed)} such in {closed.count:,} samples, and a p99 of "
    f"{p99_ms['closed loop']:.1f} ms; the open loop's is {p99_ms['open loop']:.0f} ms."
)

# %% [markdown]
# A closed loop is no mistake: it says what one message takes when nothing waits before it, and
# [00_compare](00_compare.ipynb) uses it for that. It just can't say what people will feel.
#
# ## How much can a wire take?
#
# Now that latency is told honestly, turn up the rate. All four members of a room speak in turn;
# each rate is offered for a second, twice as much each time, until p99 (to the *last* of the four)
# passes 50 ms, something is lost, or the client itself can't keep up. Guess again before you run
# it: by what factor do the two wires differ?

# %%
WIRES = ["websocket", "socketio-polling"]
ROOM = Load(rate_per_s=100, duration_s=1, members_per_room=4, senders=4, drain_s=2)
BRACKET = Bracket(start_per_s=100, floor_per_s=100, ceiling_per_s=51_200, tolerance=1)

knees = {}
for wire in WIRES:
    async with notebook.served(wire) as line:
        knees[wire] = await sweep(line.direct, ROOM, BRACKET, server_pid=line.server.pid)


# %%
def curve(knee, percentile):
    """Offered rate against latency in ms, of the rates at which anything arrived."""
    steps = [(step.rate_per_s, getattr(step, percentile)) for step in knee.steps]
    pairs = [(rate, ns / MS_NS) for rate, ns in steps if ns is not None]
    return [rate for rate, _ in pairs], [ms for _, ms in pairs]


def chart(title, percentile, **more):
    series = {wire: curve(knee, percentile) for wire, knee in knees.items()}
    return Chart(
        "offered messages/s", "until the last has it, in ms", series, title, log="xy", **more
    )


held = {wire: knee.rate_per_s or 0 for wire, knee in knees.items()}
bound = (P99_BOUND_NS / MS_NS, f"bound: {P99_BOUND_NS / MS_NS:.0f} ms")
notebook.charts(
    [chart("p50", "p50_ns"), chart("p99", "p99_ns", bound=bound)],
    " · ".join(f"{wire} held {rate:.0f}/s" for wire, rate in held.items()),
    "room of 4, open loop, timed from the intended send; logarithmic scales\n"
    "a curve's last point is the rate that was not held any more",
)

# %%
Prose("\n".join(f"- `{wire}`: {knee.why}" for wire, knee in knees.items()))

# %% [markdown]
# The shape is the same everywhere: nearly flat, then a **knee**, then a wall. Below the knee a
# queue empties again before the next message comes; beyond it, it only grows. So the answer to
# "how fast is it?" is a *pair*: this latency, at this rate. Where the sentence says that the load
# was the limit, the wire could do more than this client could ask of it.
#
# ## Who asks?
#
# Until here a client in Python asked. People have a browser, and `lab bench --client browser` puts
# the same questions from a page in Chromium. Two runs come with the lab, one by each client, made
# on one machine against the same servers: only who asks is another.

# %%
recorded = notebook.committed()
rtt_us = notebook.medians(recorded, "rtt_p50_us")
connect_ms = notebook.medians(recorded, "connect_p50_ms")


def by_each(found, wire):
    """A figure of one wire, by Python and by a browser."""
    return [found[client][wire] for client in ("Python", "a browser")]


python_us, browser_us = by_each(rtt_us, "websocket")
notebook.by_client(
    recorded,
    {
        "connect_p50_ms": "Until a command can be sent",
        "rtt_p50_us": "RTT, p50",
        "rtt_p99_us": "RTT, p99",
    },
    f"A round trip on websocket: {python_us / 1e3:.2f} ms by Python, "
    f"{browser_us / 1e3:.1f} ms by a browser",
)

# %% [markdown]
# Each bar is its own client's, so look at what changes *within* a colour, and then hold the two
# clients against each other: how many times as long as on `websocket` does each wire take?

# %%
notebook.against_baseline(recorded, {"connect_p50_ms": "connect", "rtt_p50_us": "RTT p50"})


# %%
def longer(wire):
    """By how many ms a round trip on that wire is longer than on websocket, by each client."""
    pairs = zip(by_each(rtt_us, wire), by_each(rtt_us, "websocket"), strict=True)
    return [words.number((here - there) / 1e3) for here, there in pairs]


(packets, packets_page), (polls, polls_page) = map(
    longer, ["socketio-websocket", "socketio-polling"]
)
opening, opening_page = map(words.number, by_each(connect_ms, "websocket"))
message, message_page = (words.number(us / 1e3) for us in (python_us, browser_us))
browser = summary.of(recorded["a browser"])


def full(key):
    """The wires on which a browser had no CPU left in most passes."""
    cells = browser.figure(key).cells.values()
    names = [f"`{cell.wire}`" for cell in cells if (cell.saturated or "").startswith("load")]
    return ", ".join(names) or "none"


Prose(
    f"On `websocket` Python takes {opening} ms to connect and {message} ms for a message, the page "
    f"{opening_page} ms and {message_page} ms. On top of the message, Socket.IO's packets take "
    f"**{packets} ms** by Python and **{packets_page} ms** by the page; polling takes "
    f"**{polls} ms** by Python and **{polls_page} ms** by the page. The browser's core was full "
    f"while it connected on {full('connect_p50_ms')}, and while messages went back and forth on "
    f"{full('rtt_p50_us')}."
)

# %% [markdown]
# The servers do the same for both; what differs is the client's own time.
#
# - **A browser is several programs.** A page has no socket: what it says goes to another process,
#   which has, and what comes goes back the same way. A message pays for that whatever is in it.
# - **So Socket.IO's packets hardly show.** They cost about what they cost in Python, but beside a
#   millisecond and not beside a sixth of one. One and the same difference is "twice as slow" or
#   "hardly slower", by what it is held against.
# - **And requests show all the more.** To connect is one, on a connection of its own to a name that
#   the browser has not met; on polling so is every message, and so is what brings its reply. Each
#   is work for a browser, with its core full, where Python's client writes to a socket.
#
# See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/race>: the same in your browser,
# and on a longer way, where a client's milliseconds count for little.
#
# ## The answer

# %%
factor = max(held.values()) / min(held.values()) if min(held.values()) else None
reason = {
    "knee": "its knee",
    "load": "where the load gave out",
    "ceiling": "the highest rate tried",
}
ends = ", ".join(f"`{wire}` {reason.get(knee.limit, 'not held')}" for wire, knee in knees.items())
Prose(
    f"A stall that {late:.0%} of the people felt does not show in a closed loop's p99 "
    f"({p99_ms['closed loop']:.1f} ms) and does in an open loop's ({p99_ms['open loop']:.0f} ms). "
    + (f"In steps of two, the rates held differ by a factor of {factor:.0f}. " if factor else "")
    + f"What ended the search: {ends}."
    if p99_ms["closed loop"] < p99_ms["open loop"]
    else "This time the closed loop's p99 was no lower: it was too slow to bury the stall."
)

# %% [markdown]
# ## Try this
#
# - Make `RUN_S` thirty. Which p99 gets better, and did anybody's wait get shorter?
# - `arrivals="poisson"` in `ROOM`: people don't speak in step. What does that do to p99 below the
#   knee?
# - Let the line have a delay, `line.relay.set(Network(delay_ns=25_000_000))` with
#   `from lab.wire.relay import Network`, and sweep with `line.connect`. Which wire's knee moves?
#
# How latency is taken is in [docs/method.md](../docs/method.md), what everybody in the room sees in
# [docs/room.md](../docs/room.md). Next: [04_fan_out_and_cost](04_fan_out_and_cost.ipynb).
