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
# # How many bytes does it take to say "hello"?
#
# Five letters go to the server, and the server sends them to every member of the room. Around
# them are the chat's own JSON, the packets of Engine.IO and Socket.IO, WebSocket frames and HTTP
# headers. Some of these bytes are the message. The transport adds the others.
#
# ## Your guess first
#
# How many bytes do one `say` of "hello" and its reply take, both directions together? And what
# percentage of polling's bytes is HTTP headers? Write numbers in place of the `...`.

# %%
from lab.chat.limits import Limits
from lab.notebook import check, guess
from lab.notebook.lessons import message_bytes

TRANSPORTS = ["websocket", "socketio-websocket", "socketio-polling"]
SIZES = [4, 16, 64, 256, 1024, 4096, 16384, Limits().text_bytes]
my_guess = guess({"websocket": ..., "socketio-websocket": ..., "socketio-polling": ...}, unit="B")
my_headers = guess({"HTTP headers of socketio-polling": ...}, unit="%")

# %% [markdown]
# ## Measure: capture one conversation
#
# A client connects through the relay, joins, says "hello" five times, and is then idle for two
# and a half seconds. Nothing here is timed, so all transports run at the same time. The decoder
# turns the captured bytes into a tree, and the ledger assigns every byte to a purpose. The
# heartbeat interval is one second, so that the capture contains heartbeats. The figures for an
# idle minute are then computed for the usual 25 seconds.

# %%
found = await message_bytes.measure(TRANSPORTS, SIZES)
found.picture()

# %%
found.ledger()

# %% [markdown]
# *Payload* is the application's part: the chat's JSON, in which "hello" is five bytes of about
# fifty. *Framing* is what the protocols add around it. Over polling, a delivery costs bytes
# **up** as well, because the client has to send a request before it can receive anything.
#
# See it happen in [the page](../docs/page.md): `make chat`, then open
# `http://127.0.0.1:8000/#/tour/polling`. It shows each request with all its headers.
#
# ## One "hello", byte by byte
#
# This shows the first `say` on each transport, from client to server. The hexdump has the bytes
# as they travel, and the text beside it says what they mean. A WebSocket client **masks** what it
# sends, with four new random bytes in each frame (RFC 6455, section 5.3). The mask prevents a
# script from making the browser write chosen bytes through a proxy. So the hex of `hello` appears
# only over polling, where the text is readable below its headers.

# %%
print(found.first_says())

# %% [markdown]
# A native frame is a header of 2 bytes, a mask of 4 bytes, and JSON. Socket.IO's frame says `42`
# (Engine.IO *message*, Socket.IO *event*). Then comes the number of the acknowledgement that the
# client waits for, and then an array with the type and the fields. The number and the type are
# still there, but outside the JSON object. A native transport writes their names in each message.
# Compare the payloads of the two again.
#
# ## When does it stop to matter?
#
# Headers do not grow with the text. So they count less, the longer the text is.

# %%
found.by_size()

# %% [markdown]
# From which size on is more than half of the bytes text? The sampled sizes are far apart, so the
# answer lies between two of them. The other bytes hardly change in between: a few digits of a
# length. So the line between two samples gives an estimate. To check it, the lab measures every
# size around it.

# %%
AROUND = 8
await found.crossings(AROUND)

# %% [markdown]
# ## An idle minute
#
# A chat is silent most of the time. Then a transport only costs its heartbeats: a ping and a
# pong, which show whether the other side is still there. Native WebSocket has control frames for
# them, and Engine.IO sends packets `2` and `3`. Polling needs a POST for each pong and a new GET
# after each ping.

# %%
found.idle_minute()

# %% [markdown]
# ## The answer

# %%
my_guess.beside(found.message())

# %%
my_headers.beside({"HTTP headers of socketio-polling": found.headers("socketio-polling")})

# %%
found.answer()

# %% [markdown]
# The design of the JSON decides what a format costs; nobody can design away what HTTP costs. A
# browser sends longer headers than this Python client, so its polling costs even more.
#
# ## Exercises
#
# **1.** 10 000 people are connected over `socketio-polling`, and nobody speaks. How many kbit/s do
# their heartbeats take, both directions together?

# %%
answer = ...
check(answer, found.many_idle_kbit_s("socketio-polling"))

# %% [markdown]
# <details><summary>Solution</summary>
#
# Take the bytes of an idle minute from the table: bytes × 10 000 × 8 ÷ 60 ÷ 1000.
#
# </details>
#
# **2.** A WebSocket client sends a text of 200 bytes in one frame. How many bytes does the frame
# add?

# %%
answer = ...
check(answer, message_bytes.HEADER)

# %% [markdown]
# <details><summary>Solution</summary>
#
# Eight: two bytes, two more for a length between 126 and 65 535, and four of the mask. The server's
# frame has no mask, so it adds four.
#
# </details>
#
# ## Try this
#
# - `lab trace socketio-polling` shows a whole conversation in this way.
# - Change `GREETINGS` in `lab/notebook/lessons/message_bytes.py` to a text of quotes
#   (`'"' * 50`) or of emoji. Which transport pays for the escaping?
# - `lab bench --settings stock --transports socketio-polling` lets the libraries compress. Does
#   "hello" get any smaller?
#
# [docs/method.md](../docs/method.md) says how bytes are counted, and
# [docs/room.md](../docs/room.md) has the chat's JSON. Next: [03_latency](03_latency.ipynb).
#
# **So choose** WebSocket, plain or under Socket.IO, where messages are short and frequent: the two
# differ by a few bytes. Choose polling only where nothing else gets through.
