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
# # How did a server speak to a page that had no WebSocket?
#
# In 2010 a page could ask, and nothing else. To be *told* something it took a trick, and each
# browser had another one. Socket.IO collected them; this is a tour of the collection, with every
# exhibit running, in the formats of Socket.IO 0.6 to 0.9.
#
# ## Your guess first
#
# Write them down:
#
# 1. "hello" is delivered to one member of a room. How many bytes does that take over each of these,
#    both directions together? (Native WebSocket: about 90.)
#
# | exhibit | how it works | my guess |
# |:--|:--|--:|
# | `xhr-polling` | a GET waits at the server until there is something to say | |
# | `jsonp-polling` | the same with a `<script>` element in place of the GET | |
# | `xhr-multipart` | one response that never ends, of many parts | |
# | `htmlfile` | a page in a hidden frame that never ends loading | |
# | `flashsocket` | WebSocket's frames, sent by a Flash movie | |
# | `sse` | `EventSource`, the standard that came of all this | |
#
# 2. A server is 100 ms away. Somebody says a word every 25 ms. How late is the second word, over
#    long-polling and over a stream?

# %%
import asyncio
import html
import time

from lab import notebook
from lab.chat.events import Message
from lab.contract import ConnectOptions, Heartbeat
from lab.load.tapped import Script, converse
from lab.notebook import Chart, Prose
from lab.wire.decode import decode
from lab.wire.ledger import ledger
from lab.wire.network import Network
from lab.wire.show import annotate
from transports import registry

EXHIBITS = ["xhr-polling", "jsonp-polling", "xhr-multipart", "htmlfile", "flashsocket", "sse"]
WIRES = ["websocket", *EXHIBITS]
LABELS = ["payload", "framing", "http"]
TEXTS = ("hello", "hello", "hello", '"</script>"')

# %% [markdown]
# ## Let each of them run
#
# One client comes through the relay, joins, says "hello" three times and something nasty once,
# stays for two and a half seconds of heartbeats, and says goodbye.


# %%
async def visit(wire):
    """One visit, decoded."""
    async with notebook.served(wire, "--heartbeat", "1", "20") as line:
        script = Script(texts=TEXTS, idle_s=2.5)
        tape = await converse(line.wire, line.url, line.port, script, ConnectOptions())
    return decode(tape.chunks, tape.events)


traces = dict(zip(WIRES, await asyncio.gather(*map(visit, WIRES)), strict=True))
entries = {wire: ledger(trace, Heartbeat().interval_s).entries[0] for wire, trace in traces.items()}


def exhibit(wire, what="message (payload)", which=0, lines_each=8):
    """The annotated bytes of one of the messages of which the trace says `what`."""
    blocks = "\n".join(annotate(traces[wire], lines_each)).split("\n\n")
    print([block for block in blocks if what in block][which])


# %% [markdown]
# ## The first room: asking again and again
#
# **`xhr-polling`** (Socket.IO 0.1, March 2010, and to this day). The page sends a GET, and the
# server doesn't answer until it has something to say. What has gathered comes in one answer, each
# packet behind its length between two `U+FFFD`, a character that no sane text contains. Lengths
# are those that JavaScript knows: UTF-16 code units.
#
# See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/polling>: the page asks again
# and again.

# %%
exhibit("xhr-polling")

# %% [markdown]
# **`jsonp-polling`** (0.6, November 2010). A page could send requests to its own site only, but
# take *scripts* from anywhere. So the answer is a script that calls a function of the page. Now
# the text is code: a quote ends the string, U+2028 ends the line, `</script>` may end more than
# that. Look at how the nasty text travels, and at what it costs.

# %%
exhibit("jsonp-polling", which=-1)
Prose(f"Why it is served only to who asks for it by name: {registry.load('jsonp-polling').unsafe}.")

# %% [markdown]
# ## The second room: an answer that doesn't end
#
# **`xhr-multipart`** (0.1 to 0.6.17, March 2011). Netscape had a content type for webcams, of which
# each part replaces the one before; Firefox told the page of each. Today's browsers hand over the
# response as it stands, so that the page cuts it by itself, and it works again.

# %%
exhibit("xhr-multipart")

# %% [markdown]
# **`htmlfile`** (0.1 to 0.9), the *forever frame*, was for Internet Explorer: a page in a hidden
# frame that never ends loading, and a script element for each word. It begins with a page's head
# and with blanks, because browsers looked at nothing before 256 bytes of it had come.

# %%
exhibit("htmlfile", which=-1)

# %% [markdown]
# **`sse`** is where this led: the browser's own parser, one line for each word, no escapes, and
# it is still there in every browser. Like all of these it speaks in one direction only, and the
# page answers by POST. (Socket.IO had a `server-events` of its own, for Opera, in 0.1 and 0.2.)

# %%
exhibit("sse")

# %% [markdown]
# ## The third room: another program
#
# **`flashsocket`** (0.1 to 0.9). Flash could open real sockets, and did WebSocket's handshake and
# frames for a page whose browser couldn't. But first it asked the server for leave, on a TCP
# connection of its own. No browser runs Flash any more; the question and the answer still stand.

# %%
exhibit("flashsocket", "request for a policy file")
exhibit("flashsocket", "policy file, ")
Prose(f"It, too, is served only by name: {registry.load('flashsocket').unsafe}.")

# %% [markdown]
# ## What a word costs


# %%
def parts(cost):
    """Bytes by part, both directions together."""
    return {label: getattr(cost.up, label) + getattr(cost.down, label) for label in LABELS}


message = {wire: parts(entry.message) for wire, entry in entries.items()}
delivery = {wire: parts(entry.delivery) for wire, entry in entries.items()}
heard = {wire: sum(delivery[wire].values()) for wire in WIRES}
said = {wire: sum(message[wire].values()) for wire in WIRES}
dearest = max(EXHIBITS, key=heard.get)
streams = ["xhr-multipart", "htmlfile", "sse"]
cheapest = min(streams, key=heard.get)
notebook.stacks(
    {"one say, with its reply": message, "its delivery to one member": delivery},
    f"To hear a word takes {heard[dearest] / heard['websocket']:.1f} times WebSocket's bytes over "
    f"{dearest}, {heard[cheapest] / heard['websocket']:.1f} times over {cheapest}",
    "means of four messages, one at a time; TCP's and IP's own headers are not counted",
)

# %% [markdown]
# To *say* a word costs a whole POST on all of them but Flash's: that no stream helps with. To
# *hear* one costs a whole GET where it is polled for, and a few bytes where a response is open.
#
# ## What coming in costs, and what silence does

# %%
idle = {
    wire: entry.heartbeat.per_minute.up.total + entry.heartbeat.per_minute.down.total
    for wire, entry in entries.items()
    if entry.heartbeat
}
notebook.table(
    ["wire", "round trips until connected", "for", "bytes until connected", "an idle minute"],
    [
        [
            f"`{wire}`",
            entry.connect.round_trips,
            html.escape(", ".join(entry.connect.purposes)),
            f"{entry.connect.cost.up.total + entry.connect.cost.down.total} B",
            f"{idle[wire]:.0f} B" if wire in idle else "–",
        ]
        for wire, entry in entries.items()
    ],
)

# %% [markdown]
# A poll is its own heartbeat: when it has brought nothing for a while it ends, and the next one
# says that somebody is still there. A stream has to ask, and is answered by a POST: so in silence
# the stream is the dearer one.
#
# ## How late is a word?
#
# Now the listener is far away: 100 ms to the server and 100 ms back. Somebody beside the server
# says a word every 25 ms. A stream has it on its way at once. A poll has carried the first word
# away, and the next ones wait until the listener has it *and has asked again*.
#
# See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/bend>: put your own browser
# that far away.

# %%
AWAY_NS = 100_000_000
EVERY_S = 0.025
WORDS = 24


async def lateness(wire):
    """How long each word was on its way to somebody far off, in ms."""
    said_at, heard_at, heard = {}, {}, asyncio.Queue()

    def listen(event):
        if isinstance(event, Message):
            heard_at[event.text] = time.perf_counter()
            heard.put_nowait(event.text)

    async with notebook.served(wire) as line:
        near, far = await line.direct(lambda _: None), await line.connect(listen)
        await near.join("den", "near")
        await far.join("den", "far")
        line.relay.set(Network(delay_ns=AWAY_NS))
        async with asyncio.timeout(30):
            await near.say("den", "first of all")  # what was on its way came by the short one
            await heard.get()
            await asyncio.sleep(4 * AWAY_NS / 1e9)  # and the next question is there
            for word in map(str, range(WORDS)):
                said_at[word] = time.perf_counter()
                asking = asyncio.ensure_future(near.say("den", word))
                await asyncio.sleep(EVERY_S)
                await asking
            for _ in range(WORDS):
                await heard.get()
        line.relay.set(Network())
        await near.close()
        await far.close()
    return [(heard_at[word] - said_at[word]) * 1e3 for word in said_at]


COMPARED = ["websocket", "xhr-polling", "sse"]
late = {wire: await lateness(wire) for wire in COMPARED}
moments = [number * EVERY_S * 1e3 for number in range(WORDS)]
worst, best = max(late["xhr-polling"]), max(late["sse"])
notebook.charts(
    [
        Chart(
            x="when it was said, in ms",
            y="how late it was heard, in ms",
            series={wire: (moments, late[wire]) for wire in COMPARED},
        )
    ],
    f"Polled for, a word is up to {worst:.0f} ms late; over a stream, {best:.0f} ms",
    "one listener 100 ms from the server, a word every 25 ms; one run, not a benchmark",
)

# %% [markdown]
# The saw: each tooth is one poll. Whoever speaks just after it was answered is heard three
# distances later: the answer's way down, the question's way up, the word's way down.
#
# ## The answer

# %%
second = {wire: late[wire][1] for wire in COMPARED}
told = ", ".join(f"**{heard[wire]:.0f} B** over `{wire}`" for wire in WIRES)
few, many = min(idle[w] for w in streams), max(idle[w] for w in ("xhr-polling", "jsonp-polling"))
silent = "less" if many < few else "no less"
Prose(
    f"To be told one word takes {told}. A stream comes as near to WebSocket as "
    f"{heard[cheapest] / heard['websocket']:.1f} times its bytes, as long as the page only "
    f"listens; each word of its own costs a POST, {said[cheapest]:.0f} B with the reply. In "
    f"silence polls cost {silent} than streams ({many:.0f} B a minute at most, and {few:.0f} B at "
    f"least). The second word was **{second['xhr-polling']:.0f} ms** late over long-polling and "
    f"**{second['sse']:.0f} ms** over a stream, with {AWAY_NS / 1e6:.0f} ms of distance. What was "
    "gained by WebSocket, then, is above all the way up."
)

# %% [markdown]
# ## Try this
#
# - Say fifty quotes in place of "hello" (`'"' * 50`), and compare `htmlfile` with `sse`: a quote is
#   escaped twice in the one.
# - Put `htmlfile` and `flashsocket` into `COMPARED`. Which two curves lie on each other?
# - Raise `AWAY_NS` to 300 ms. Is the saw's height still three distances?
# - `lab serve htmlfile`, then open its URL's `/socket.io/1/` in a browser: that is the handshake.
#
# The formats, and who needed them, are in [docs/fallbacks.md](../docs/fallbacks.md), how bytes are
# counted in [docs/method.md](../docs/method.md). Next: [06_claims](06_claims.ipynb).
