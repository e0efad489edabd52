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
# # What you have been told of WebSocket and Socket.IO: which of it is so?
#
# Every tutorial says some of it, and every discussion the rest. Here each sentence gets an
# experiment, with real servers and clients, and a verdict that is worked out from what was seen.
#
# ## Your guess first
#
# Write it down, for each of the fourteen: does it *hold*, does it *not hold*, or does it *depend*?
#
# | | claim | my guess |
# |--:|:--|:--|
# | 1 | Socket.IO talks in both directions, in real time, by events | |
# | 2 | For WebSocket there is nothing to install | |
# | 3 | Socket.IO has six ways to carry a message, one for any browser | |
# | 4 | Code on Socket.IO is more convenient than code on WebSocket | |
# | 5 | A message reaches its room and nobody else | |
# | 6 | A WebSocket client can't connect to a Socket.IO server, nor the reverse | |
# | 7 | So each client has its own, fixed partner | |
# | 8 | A wrong WebSocket handshake gets a 4xx, and the connection is closed | |
# | 9 | WebSocket is fast, and every connection is a line of its own | |
# | 10 | A server in Node and a page can be built apart, and talk in real time | |
# | 11 | Socket.IO tries WebSocket first, and falls back to polling | |
# | 12 | Long-polling is slower, but loses nothing | |
# | 13 | Socket.IO guarantees that messages arrive | |
# | 14 | Socket.IO is slow | |

# %%
from collections import Counter

from lab import notebook
from lab.claims import CLAIMS, load
from lab.claims.run import put_to_test
from lab.notebook import Chart, Prose
from lab.wire.conversations import exchanges_of
from lab.wire.decode import decode

LONG = {"never-across", "fixed-partner", "fast-lines", "slow"}
found = {}


async def settle(name):
    """Run a claim's experiment and tell what came of it; of a long one, what the tests found."""
    claim = load(name)
    said = f"> {claim.english}\n\n{claim.asked}"
    if name in LONG:
        return Prose(
            f"{said}\n\n**Not run here; in the lab's tests: {claim.verdict}.** {claim.because}"
        )
    outcome = found[name] = await put_to_test(claim)
    seen = "\n".join(f"- {sentence}" for sentence in outcome.finding.evidence)
    verdict = outcome.finding.verdict
    why = claim.because if verdict is claim.verdict else f"The lab expected: {claim.verdict}."
    return Prose(f"{said}\n\n{seen}\n\n**Verdict: {verdict}.** {why}")


# %% [markdown]
# Four of the experiments take up to half a minute each. They are told here and not run, so that the
# whole takes about a minute; empty `LONG` to run them too.
#
# ## 1. Both directions, in real time
#
# Two people are 200 ms of round trip away from the server. One says something. When can the other
# have it at the earliest, and when does he?

# %%
await settle("realtime-events")

# %% [markdown]
# ## 2. What has to be installed
#
# Think of a browser, and of a server, apart.

# %%
await settle("no-library")

# %% [markdown]
# ## 3. Six ways to carry a message
#
# Flash is gone, and so is the browser that needed an iframe. What do today's servers still answer?

# %%
await settle("many-transports")

# %% [markdown]
# ## 4. Less to write
#
# The same room, on either: rooms, acknowledgements, heartbeats, history, coming back after a break.

# %%
await settle("convenient")

# %% [markdown]
# ## 5. A thousand rooms
#
# Everybody is in sixteen of them, and speaks in each. How many messages get lost, and how many go
# where they should not?

# %%
await settle("rooms")

# %% [markdown]
# ## 6. One kind of client, another kind of server
#
# What does somebody see who connects to the wrong one: an error, a status, silence? Is there a way?

# %%
await settle("never-across")

# %% [markdown]
# ## 7. A partner for life
#
# If the last one was so, this one follows. Was it?

# %%
await settle("fixed-partner")

# %% [markdown]
# ## 8. A handshake that is not one
#
# Leave out a header, or send it twice. What comes back, and is the connection still open?

# %%
await settle("handshake")

# %% [markdown]
# ## 9. A line for everybody
#
# Three connections, and one of them stalls. What do the other two notice?

# %%
await settle("fast-lines")

# %% [markdown]
# ## 10. Built apart
#
# The page comes from one program and the chat from another. What do they have to agree on?

# %%
await settle("built-apart")

# %% [markdown]
# ## 11. First WebSocket, then polling
#
# Here is a network in which every WebSocket is refused. Guess what the first request of a Socket.IO
# client is on an ordinary line, before you see it.

# %%
await settle("falls-back")

# %% [markdown]
# The same client on the open line, byte by byte: what went by polling, and what by WebSocket?


# %%
def by_transport(tape):
    """Milliseconds and bytes so far, of polling and of WebSocket, both directions together."""
    trace = decode(tape.chunks, tape.events)
    names = {
        connection.connection: "socketio-websocket"
        if any(exchange.upgraded for exchange in exchanges_of(connection))
        else "socketio-polling"
        for connection in trace.connections
    }
    began_ns = min(chunk.at_ns for chunk in tape.chunks)
    curves = {name: ([], []) for name in sorted(set(names.values()))}
    for chunk in tape.chunks:
        times, sizes = curves[names[chunk.connection]]
        times.append((chunk.at_ns - began_ns) / 1e6)
        sizes.append(len(chunk.data) + (sizes[-1] if sizes else 0))
    return curves


def picture(tapes):
    """Of the first tape of an open line."""
    curves = by_transport(next(tape for label, tape in tapes.items() if "allowed" in label))
    first = min(curves, key=lambda name: curves[name][0][0]).removeprefix("socketio-")
    chart = Chart(
        x="ms since the first byte",
        y="bytes so far",
        series=curves,
        labels={name: name.removeprefix("socketio-") for name in curves},
    )
    note = "socket.io-client in Node, as it is installed, both directions together"
    return notebook.charts([chart], f"The client begins with {first}", note)


tapes = found["falls-back"].finding.tapes
picture(tapes) if tapes else Prose("There is no picture, for want of a client that could be run.")

# %% [markdown]
# ## 12. Slower, never lossy
#
# Seventeen messages in a hurry, on long-polling as it is installed. How many arrive?

# %%
await settle("polling-loses-nothing")

# %% [markdown]
# ## 13. Guaranteed
#
# The line breaks while somebody speaks, and comes back. What of the texts that were under way?
#
# See it happen: `make chat`, then <http://127.0.0.1:8000/#/tour/cut>: cut the line yourself, and
# speak while it is away.

# %%
await settle("guaranteed-delivery")

# %% [markdown]
# ## 14. Slow
#
# Slow compared with what? The protocol, the library and polling can each be measured alone.

# %%
await settle("slow")

# %% [markdown]
# ## The answer

# %%
verdicts = {
    name: str(found[name].finding.verdict if name in found else load(name).verdict)
    for name in CLAIMS
}
count = Counter(verdicts.values())
beliefs = [name for name in CLAIMS if load(name).common_belief]
wrong = [name for name in beliefs if verdicts[name] != "holds"]
table = notebook.table(
    ["claim", "verdict"], [[load(name).english, f"**{verdicts[name]}**"] for name in CLAIMS]
)
Prose(
    f"Of {len(CLAIMS)} claims, {count['holds']} hold, {count['depends']} depend and "
    f"{count['does not hold']} do not hold; {len(found)} of the verdicts were found just now. Of "
    f"the {len(beliefs)} that are said everywhere but in the tutorials, {len(wrong)} are not so as "
    f"they are told.\n\n{table}\n\nHold it against your table. Where you were wrong, "
    "`lab claims NAME --trace` shows the bytes."
)

# %% [markdown]
# ## Try this
#
# - `lab claims never-across --trace`: read what the two said to each other, up to where it breaks.
# - Put `transports=["websocket", "polling"]` into a client of your own, and block WebSocket in your
#   browser's developer tools. What does its user see?
# - Write a claim of your own: a file in `lab/claims/`, with a verdict that you would bet on.
# - `lab claims --korean` tells them in Korean.
#
# The claims and their verdicts are in [docs/claims.md](../docs/claims.md), how things are measured
# in [docs/method.md](../docs/method.md). Next:
# [07_protocol_or_library](07_protocol_or_library.ipynb).
