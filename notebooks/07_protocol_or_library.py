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
# # Socket.IO costs several times as much as WebSocket: is that the protocol, or the library?
#
# In [04_fan_out_and_cost](04_fan_out_and_cost.ipynb) a delivery over Socket.IO took several times
# the server CPU of a delivery over native WebSocket. There are two explanations. Socket.IO's
# *protocol* sends more: packet types, event names, acknowledgements. Or its *library* does more:
# tasks, queues, callbacks. That one figure cannot show which explanation is right. But a server
# can speak a protocol without a library.
#
# ## Your guess first
#
# One member speaks in a room of a hundred. `python-socketio` is compared with `websockets`. What
# percentage of the gap comes from the protocol, over WebSocket and over long-polling? The room
# itself has to decode each message, number it, keep it and encode it: what percentage of a
# delivery on `websocket` is that? Write numbers in place of the `...`.

# %%
from lab.notebook import check, guess
from lab.notebook.lessons import decomposition

TRANSPORTS = ["websocket", "socketio-websocket", "socketio-polling"]
ROUNDS = 5
MEMBERS = 100
my_guess = guess({"socketio-websocket": ..., "socketio-polling": ...}, unit="%")
my_room = guess({"the room itself": ...}, unit="%")

# %% [markdown]
# ## Servers to compare with
#
# Each transport names two others, which divide its cost into parts. The first speaks the same
# protocol, byte for byte, without a library. The second has almost no protocol: it writes the
# texts to its sockets. Its cost is the limit. The chat logic needs no socket, and is measured
# without one.

# %%
decomposition.compared(TRANSPORTS)

# %% [markdown]
# ## Measure, and subtract
#
# Costs can be subtracted only if they were measured at the same time. So all servers run at once,
# each with a room of a hundred, and every round measures one after the other. The client is the
# raw driver, which counts frames and does not decode them. A library's client would use more CPU
# than some of these servers.
#
# The parts are, from the bottom up: the limit; the room; what the protocol adds to both, in the
# server without a library; and the rest, which is the library. So the parts always add up to the
# whole. A part can be below zero. Then what was subtracted cost more than the server that it was
# subtracted from, and the part is too small to see.

# %%
measured = await decomposition.measure(TRANSPORTS, MEMBERS, ROUNDS)
measured.picture()

# %% [markdown]
# On the right, sixteen messages are in flight, and there the part called *library* includes
# something else. The servers without a library put all frames that wait for one member into one
# write, and most stock servers do not. The protocol does not cause that either: the bytes are the
# same.
#
# ## What causes the gap?

# %%
measured.causes()

# %% [markdown]
# Over WebSocket, Socket.IO's protocol adds a few bytes to a text that is encoded once for the
# whole room. A server without a library hardly notices them. Over polling the protocol itself is
# expensive. Each delivery is a request and a response, with headers to read and to write, where a
# WebSocket needs one write. No library can avoid that.
#
# ## The answer

# %%
my_guess.beside({name: measured.protocol_percent(name) for name in TRANSPORTS[1:]})

# %%
my_room.beside({"the room itself": measured.room_percent()})

# %%
measured.answer()

# %% [markdown]
# ## Exercises
#
# **1.** The room has 3 members instead of 100. By what factor does the room's own share of *one
# delivery* grow, in µs?

# %%
answer = ...
check(answer, decomposition.ROOM_OF_THREE)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 33 times: the room works once for each message, and 3 deliveries share that instead of 100.
#
# </details>
#
# **2.** `websocket` and `websocket-aiohttp` speak one protocol with two libraries. What is the gap
# between the two: `"protocol"` or `"library"`?

# %%
answer = ...
check(answer, decomposition.ONE_PROTOCOL)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"library"`: the bytes are the same. Add it to `TRANSPORTS`, and see how large it is.
#
# </details>
#
# ## Try this
#
# - Set `MEMBERS` to 3. Which share grows most, and why?
# - Add `"node-websocket"` to `TRANSPORTS`, where Node is installed. What does *library* mean there?
#   (Its room is written in another language, too.)
# - `lab bench --experiment harness` compares the CPU use of this client with that of a library's
#   client.
#
# [docs/method.md](../docs/method.md) says what each subtraction assumes, and where it misleads.
# [docs/tuned.md](../docs/tuned.md) says how the servers without a library are built. Next:
# [08_load](08_load.ipynb).
#
# **So choose** another server, and not another protocol, where Socket.IO over WebSocket is too
# expensive. Where polling is too expensive, choose another transport.
