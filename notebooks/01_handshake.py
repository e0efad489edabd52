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
# In a straight glass fibre, light takes 165 ms from Frankfurt to Sydney and back. Real fibres are
# not straight: assume 280 ms. A faster server does not help against that. Fewer waits help. What
# counts is how many times a client *waits for an answer* before it can send its first command.
#
# ## Your guess first
#
# How many round trips until the client can send a command? Count TCP's own handshake as the first.
# Write numbers in place of the `...`.
#
# | transport | what it is |
# |:--|:--|
# | `websocket` | native WebSocket |
# | `socketio-websocket` | Socket.IO, WebSocket only |
# | `socketio-polling` | Socket.IO, long-polling only |
# | `socketio` | Socket.IO's default: polling first, then an upgrade |

# %%
from lab.notebook import check, guess
from lab.notebook.lessons import handshake

TRANSPORTS = ["websocket", "socketio-websocket", "socketio-polling", "socketio"]
RTTS_MS = [0, 20, 50, 100]
my_guess = guess(
    {
        "websocket": ...,
        "socketio-websocket": ...,
        "socketio-polling": ...,
        "socketio": ...,
    },
    unit="RTT",
)

# %% [markdown]
# ## Measure: by the clock
#
# A relay is in front of each server. It delays every byte by half a round trip, in each
# direction. It also adds the round trip of TCP's handshake, which loopback would hide. We connect
# with four different round-trip times. The *slope* of the measured time is the number of round
# trips. The time that the libraries and this machine need is the same in all four cases, so it
# does not change the slope.
#
# See it happen in [the page](../docs/page.md): `make chat`, then open
# `http://127.0.0.1:8000/#/tour/emulate`. Set the delay yourself.

# %%
measured = await handshake.measure(TRANSPORTS, RTTS_MS)
measured.picture()

# %% [markdown]
# ## Count again: from the bytes
#
# A clock can mislead. So we count the round trips a second time, without a clock. The relay kept
# every byte of one conversation, and the decoder says what each byte is. The ledger finds the
# longest chain in which the client had to *receive* one thing before it could *send* the next.

# %%
measured.both_counts()

# %%
measured.agree()

# %% [markdown]
# ## Why so many?
#
# This follows the chain backwards from the moment when the client could send a command. Each step
# leads to the last thing that it waited for. A number starts a round trip; `←` ends it.

# %%
for transport in TRANSPORTS:
    print(measured.chain(transport))

# %% [markdown]
# Every round trip after the second belongs to another layer that sets itself up:
#
# - **TCP** connects, then **HTTP** asks: for a WebSocket (`101 Switching Protocols`), or for a
#   polling session. A native client can send after the `101`.
# - **Engine.IO** has opened a session by then, and **Socket.IO** connects a namespace in it: the
#   client sends `40` and waits for `40{"sid":…}`.
# - Over **polling** that `40` is a POST. HTTP/1.1 carries one request at a time, and the waiting
#   GET occupies the first TCP connection. So the client opens a second TCP connection first.
# - Socket.IO's **default** opens its session by polling, and then asks for a WebSocket. It sends
#   a `ping` as a probe, waits for the `pong`, and sends `upgrade`. The Python client sends its `40`
#   only then, on the WebSocket. The JavaScript client does not wait: see below.
#
# See it happen in [the page](../docs/page.md): `make chat`, then open
# `http://127.0.0.1:8000/#/tour/handshake`. The page draws the chain, step by step.
#
# ## The same handshake in JavaScript
#
# So far the client was a Python program. In a page and in Node people use `socket.io-client` from
# npm. Its default mode sends three things as soon as the session is open: the `40` in a POST, the
# first poll, and the request for a WebSocket. When its `connect` event fires depends on the server:
#
# - Socket.IO's server **in Node** answers the poll with its own `40`. `connect` fires after 4 round
#   trips, while the client still polls. The upgrade goes on beside it, and the first commands may
#   still travel by polling.
# - **python-socketio** answers no poll once the WebSocket has arrived. If the WebSocket is first,
#   `connect` fires only after the upgrade: after 6 round trips in a page. In Node it is 7, because
#   the client opens a TCP connection for each poll, and the upgrade waits for the last poll. If the
#   poll is first, it is 4 here too: then the cell says `4 to 6`.
#
# The lab's own runs have counted it, from the bytes and (in brackets) by the clock. Make such a run
# yourself: `lab bench --client node --experiment round-trips`, or `--client browser`.

# %%
from lab import notebook

notebook.round_trips()

# %% [markdown]
# ## See it: the bytes of one handshake
#
# The left side has the bytes of the transport, the right side says what they are. This is
# `socketio-websocket`. Look for the `101`, for Engine.IO's `0` with its session, and for the two
# `40`s. The client masks what it sends, so its bytes differ from the text beside them.

# %%
print(measured.bytes_of("socketio-websocket", lines=60))

# %% [markdown]
# ## The answer
#
# Your guess, beside the round trips that were counted from the bytes.

# %%
my_guess.beside(measured.round_trips())

# %%
measured.far(280)

# %% [markdown]
# The first column is the work of both sides and of the relay, and the second is what a user in
# Sydney waits. So over a long distance only the number of round trips counts. You will use TLS,
# which adds a round trip to each new TCP connection (TLS 1.3; two with 1.2). A connection that is
# kept alive needs neither handshake again.
#
# ## Exercises
#
# **1.** Your users are 80 ms away. How many ms does a client save if it connects by
# `socketio-websocket` instead of Socket.IO's default?

# %%
answer = ...
check(answer, measured.saved_ms(80))

# %% [markdown]
# <details><summary>Solution</summary>
#
# The default waits for two more answers, so 2 × 80 ms = 160 ms, and a little for its work:
# `measured.at_ms("socketio", 80) - measured.at_ms("socketio-websocket", 80)`.
#
# </details>
#
# **2.** `websocket-aiohttp` is another library with the same protocol. Compared with `websocket`,
# is its slope `"a"` larger, `"b"` the same, or `"c"` smaller?

# %%
answer = ...
check(answer, handshake.WAITS)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"b"`: round trips belong to the protocol. Add it to `TRANSPORTS` and run the notebook again.
#
# </details>
#
# ## Try this
#
# - Call `handshake.measure` with round-trip times of 200 and 400 ms. Does a slope change?
# - When a client of the default can send depends on both sides. Count it for a page:
#   `lab bench --client browser --transports socketio,node-socketio --experiment round-trips`.
# - `lab trace socketio` prints a whole conversation and draws it as a sequence diagram.
#
# [docs/method.md](../docs/method.md) says how round trips are counted, and
# [docs/room.md](../docs/room.md) what `join` means. Next:
# [02_bytes_on_the_wire](02_bytes_on_the_wire.ipynb).
#
# **So choose** `transports: ["websocket"]` in a Socket.IO client where users are far away and
# nothing on their networks blocks WebSocket, and keep connections open rather than make new ones.
