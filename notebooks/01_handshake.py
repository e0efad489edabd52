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
# # How long does it take to get in when the server is far away?
#
# In a straight glass fibre, light takes 165 ms from Frankfurt to Sydney and back, and no fibre lies
# straight: say, 280 ms. No faster server helps against that. What helps is to ask less often: what
# counts is how many times a client has to *wait for an answer* before its first command can go.
#
# ## Your guess first
#
# Write it down, one number for each wire: how many round trips until a command can be sent? Count
# TCP's own as the first.
#
# | wire | what it is | my guess |
# |:--|:--|--:|
# | `websocket` | native WebSocket | |
# | `socketio-websocket` | Socket.IO, WebSocket only | |
# | `socketio-polling` | Socket.IO, long-polling only | |
# | `socketio` | Socket.IO as it comes: polling first, then an upgrade | |

# %%
from lab import notebook
from lab.contract import ConnectOptions
from lab.load.closed_loop import handshakes
from lab.load.tapped import Script, converse
from lab.measure.slope import fit
from lab.notebook import Chart, Prose
from lab.wire.conversations import conversations
from lab.wire.decode import decode
from lab.wire.ledger import ledger
from lab.wire.relay import Network
from lab.wire.rounds import rounds
from lab.wire.show import annotate

WIRES = ["websocket", "socketio-websocket", "socketio-polling", "socketio"]
RTTS_MS = [0, 20, 50, 100]
MS_NS = 1_000_000

# %% [markdown]
# ## Measure: by the clock
#
# A relay stands before each server and holds every byte back by half of a round trip, in each
# direction. It also adds the round trip of TCP's handshake, which loopback would hide. We connect
# under four round-trip times; the *slope* of the time is the number of round trips, and whatever
# the libraries and this machine take is the same under all four and falls out.
#
# See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/bend>: set the distance yourself.


# %%
async def timed(line):
    """RTT in ns -> how long each handshake took, in ns."""
    await handshakes(line.connect, 1)  # code is warm
    samples = {}
    for rtt_ms in RTTS_MS:
        line.relay.set(Network(delay_ns=rtt_ms * MS_NS // 2))
        samples[rtt_ms * MS_NS] = await handshakes(line.connect, 2)
    return samples


async def taped(line):
    """One visit, decoded: what the relay saw of it."""
    far = Network(delay_ns=5 * MS_NS)
    tape = await converse(line.wire, line.url, line.port, Script(), ConnectOptions(), far)
    return decode(tape.chunks, tape.events)


samples, traces = {}, {}
for wire in WIRES:
    async with notebook.served(wire) as line:
        samples[wire] = await timed(line)
        traces[wire] = await taped(line)

# %%
slopes = {wire: fit(samples[wire]) for wire in WIRES}
far_ms = RTTS_MS[-1]


def points(wire):
    pairs = [(rtt, time) for rtt, times in samples[wire].items() for time in times]
    return [rtt / MS_NS for rtt, _ in pairs], [time / MS_NS for _, time in pairs]


def fitted(wire):
    base_ms = slopes[wire].base_ns / MS_NS
    return [0, far_ms], [base_ms, base_ms + slopes[wire].round_trips * far_ms]


chart = Chart(
    x="round-trip time of the network, in ms",
    y="until a command can be sent, in ms",
    series={wire: points(wire) for wire in WIRES},
    through={wire: fitted(wire) for wire in WIRES},
    labels={wire: f"{wire}: {slopes[wire].round_trips:.2f} RTT" for wire in WIRES},
)
most, least = (f(WIRES, key=lambda wire: slopes[wire].round_trips) for f in (max, min))
waits = {wire: f"{slopes[wire].round_trips:.1f} times" for wire in WIRES}
title = f"{most} waits {waits[most]} for an answer, {least} {waits[least]}"
notebook.charts([chart], title, "each point one handshake through the relay; lines: Theil-Sen fits")

# %% [markdown]
# ## Count again: from the bytes
#
# A clock can mislead. So the same is counted a second time without one: the relay kept every byte
# of one visit, the decoder says what each is, and the ledger counts the longest chain in which one
# thing had to be *received* before the next could be *sent*.

# %%
counted = {wire: ledger(traces[wire]).entries[0] for wire in WIRES}
notebook.table(
    ["wire", "by the clock", "from the bytes", "until joined", "TCP connections", "HTTP requests"],
    [
        [
            f"`{wire}`",
            f"{slopes[wire].round_trips:.2f}",
            entry.connect.round_trips,
            entry.joined.round_trips,
            entry.connect.tcp_connections,
            entry.connect.http_requests,
        ]
        for wire, entry in counted.items()
    ],
)

# %%
apart = max(abs(slopes[wire].round_trips - counted[wire].connect.round_trips) for wire in WIRES)
agree = "agree" if apart <= 0.3 else "do NOT agree, so one of them is wrong"
Prose(
    f"The two counts know nothing of each other. They differ by {apart:.2f} at most: they {agree}."
)

# %% [markdown]
# ## Why so many?
#
# Follow the chain backwards from the moment when a command could be sent, always to what was waited
# for last. A number begins a round trip; `←` ends it.


# %%
def chain(step):
    """The steps that had to wait for each other, up to this one."""
    earlier = [need for need in step.needs if need.first_ns <= step.first_ns]

    def trips(need):
        turned = (need.direction, step.direction) == ("up", "down")
        return need.depth + turned, need.last_ns

    before = max(earlier, key=trips, default=None)
    return [*(chain(before) if before else []), step]


def said(step):
    """What a step is, in a few words."""
    if not step.nodes:
        return "SYN of a TCP connection" if step.kind == "dial" else "SYN-ACK"
    outer, *inner = [node.summary.partition("&t=")[0] for node in step.packets if node.summary]
    return ": ".join([outer, *inner[-1:]] if step.kind != "frame" else inner[-1:])


for wire in WIRES:
    (conversation, *_) = conversations(traces[wire])
    print(wire)
    for step in chain(rounds(conversation).ready):
        arrow = f"{step.depth + 1} →" if step.direction == "up" else "  ←"
        print(f"   {arrow} {said(step)}")

# %% [markdown]
# Every round trip beyond the second belongs to a layer that introduces itself:
#
# - **TCP** connects, then **HTTP** asks: for a WebSocket (`101 Switching Protocols`), or for a
#   polling session. With the `101` in hand, a native client may speak.
# - **Engine.IO** has opened a session by then, and **Socket.IO** connects a namespace in it: the
#   client sends `40` and waits for `40{"sid":…}`.
# - Over **polling** that `40` is a POST. HTTP/1.1 carries one request at a time, and the first TCP
#   connection is taken by the GET that waits for news, so a second one is dialled first.
# - Socket.IO's **default** opens its session by polling, then asks for a WebSocket, probes it with
#   a `ping`, waits for the `pong`, and says `upgrade`. Only what follows that goes the new way.
#
# See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/handshake>: the chain draws itself,
# turn by turn.
#
# ## See it: the bytes of one handshake
#
# On the left the bytes of the wire, on the right what they are. This is `socketio-websocket`; look
# for the `101`, for Engine.IO's `0` with its session, and for the two `40`s. What the client sends
# is masked, so its bytes are not what the text beside them says.

# %%
lines = list(annotate(traces["socketio-websocket"], lines_each=3))
print("\n".join(lines[:60]))

# %% [markdown]
# ## The answer


# %%
def at(wire, rtt_ms):
    return slopes[wire].base_ns / MS_NS + slopes[wire].round_trips * rtt_ms


far = ", ".join(f"`{wire}` **{at(wire, 280):,.0f} ms**" for wire in WIRES)
near = ", ".join(f"{at(wire, 0):.1f}" for wire in WIRES)
Prose(
    f"By these slopes, with a server 280 ms away a first command can be sent after: {far}. What "
    f"distance does not explain, the work of both sides and of the relay, is {near} ms: on a long "
    "way the number of round trips is all that counts. How near was your guess?"
)

# %% [markdown]
# TLS, which you will have, adds a round trip to each new TCP connection (TLS 1.3; two with 1.2). A
# connection that is kept alive has paid for both already.
#
# ## Try this
#
# - Add `websocket-aiohttp` to `WIRES`. Another library, the same protocol: does the slope change?
# - Set `bandwidth_bytes_per_s=4000` in `timed`'s `Network`. Now bytes cost time as well: which wire
#   suffers most, and does the slope notice?
# - `lab trace socketio` prints a whole conversation and draws it as a sequence diagram.
#
# How round trips are counted is in [docs/method.md](../docs/method.md), what `join` means in
# [docs/room.md](../docs/room.md). Next: [02_bytes_on_the_wire](02_bytes_on_the_wire.ipynb).
