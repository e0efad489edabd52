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
# # What do people say about WebSocket and Socket.IO: which of it is true?
#
# Many people believe some of these claims, and tutorials make the others. Here each claim gets an
# experiment with real servers and clients. The verdict is computed from what the experiment
# finds.
#
# ## Your guess first
#
# Begin with four common beliefs. Does each of them *hold*, does it *not hold*, or does it *depend*?
# Write `"holds"`, `"does not hold"` or `"depends"` in place of the `...`.
#
# | name | claim |
# |:--|:--|
# | `falls-back` | Socket.IO tries WebSocket first, and falls back to polling |
# | `polling-loses-nothing` | Long-polling is slower, but loses nothing |
# | `guaranteed-delivery` | Socket.IO guarantees that messages arrive |
# | `slow` | Socket.IO is slow |

# %%
from lab.claims import lesson
from lab.notebook import check, guess

LONG = {"never-across", "fixed-partner", "fast-lines", "slow"}
claims = lesson.Settled(LONG)
my_beliefs = guess(
    {
        "falls-back": ...,
        "polling-loses-nothing": ...,
        "guaranteed-delivery": ...,
        "slow": ...,
    }
)

# %% [markdown]
# Four of all experiments take up to half a minute each. This notebook shows their recorded
# verdicts and does not run them, so it takes about a minute in all. Empty `LONG` to run them too.
#
# ## Four common beliefs
#
# ### First WebSocket, then polling
#
# This network refuses every WebSocket. First guess what a Socket.IO client sends as its first
# request on an ordinary network.

# %%
await claims.settle("falls-back")

# %% [markdown]
# This is the same client on the open network, byte by byte: what went by polling, and what by
# WebSocket?

# %%
claims.first_bytes("falls-back")

# %% [markdown]
# ### Slower, never lossy
#
# Seventeen messages go out in quick succession, on long-polling as it is installed. How many
# arrive?

# %%
await claims.settle("polling-loses-nothing")

# %% [markdown]
# ### Guaranteed
#
# The network breaks while a member speaks, and then works again. What happens to the texts that
# were on their way?
#
# See it happen in [the page](../docs/page.md): `make chat`, then open
# `http://127.0.0.1:8000/#/tour/cut`. Cut the connection yourself, and speak while it is down.

# %%
await claims.settle("guaranteed-delivery")

# %% [markdown]
# ### Slow
#
# Slow compared with what? The protocol, the library and polling can each be measured separately.

# %%
await claims.settle("slow")

# %% [markdown]
# ## What tutorials say
#
# Guess again, for seventeen sentences that tutorials have.
#
# | name | claim |
# |:--|:--|
# | `realtime-events` | Socket.IO communicates in both directions, in real time, by events |
# | `server-and-client` | A server for Node and a JavaScript client, which runs in Node too |
# | `html5-standard` | WebSocket came with HTML5 and is a standard of its own |
# | `browser-and-server` | WebSocket is basically a protocol between a browser and a server |
# | `no-library` | For WebSocket there is nothing to install |
# | `many-transports` | Socket.IO has six ways to carry a message, so it works in any browser |
# | `convenient` | Socket.IO code is more convenient than WebSocket code |
# | `rooms` | A message reaches its room and nobody else |
# | `never-across` | A WebSocket client cannot connect to a Socket.IO server, nor the reverse |
# | `fixed-partner` | So each client has its own, fixed partner |
# | `handshake` | A wrong WebSocket handshake gets a 4xx, and the connection is closed |
# | `wrong-types` | A handshake with data of the wrong type gets a 4xx |
# | `client-checks` | The client checks the answer before the handshake is done |
# | `fast-lines` | WebSocket is fast, and every client has its own connection |
# | `shared-line` | Two WebSockets never share a TCP connection |
# | `client-first` | The client side is set up first |
# | `built-apart` | A server in Node and a page can be built separately, in real time |

# %%
my_guess = guess(
    {
        "realtime-events": ...,
        "server-and-client": ...,
        "html5-standard": ...,
        "browser-and-server": ...,
        "no-library": ...,
        "many-transports": ...,
        "convenient": ...,
        "rooms": ...,
        "never-across": ...,
        "fixed-partner": ...,
        "handshake": ...,
        "wrong-types": ...,
        "client-checks": ...,
        "fast-lines": ...,
        "shared-line": ...,
        "client-first": ...,
        "built-apart": ...,
    }
)

# %% [markdown]
# ### 1. Both directions, in real time
#
# Two members each have a round-trip time of 200 ms to the server. One of them says something.
# What is the earliest time at which the other one can receive it, and when does it arrive?

# %%
await claims.settle("realtime-events")

# %% [markdown]
# ### 2. A server and a client
#
# Which languages can Socket.IO's two ends be written in?

# %%
await claims.settle("server-and-client")

# %% [markdown]
# ### 3. A standard of its own
#
# Does a page that is not HTML5 have WebSocket? Does a worker, which is no page at all?

# %%
await claims.settle("html5-standard")

# %% [markdown]
# ### 4. Browser and server
#
# Who else could be at the browser's end?

# %%
await claims.settle("browser-and-server")

# %% [markdown]
# ### 5. What has to be installed
#
# Answer for a browser and for a server separately.

# %%
await claims.settle("no-library")

# %% [markdown]
# ### 6. Six ways to carry a message
#
# Flash is gone, and so is the browser that needed an iframe. Which of the six do today's servers
# still answer?

# %%
await claims.settle("many-transports")

# %% [markdown]
# ### 7. Less to write
#
# The same room is written for both: rooms, acknowledgements, heartbeats, history, reconnecting
# after a break.

# %%
await claims.settle("convenient")

# %% [markdown]
# ### 8. A thousand rooms
#
# Each member is in sixteen rooms, and speaks in each of them. How many messages are lost, and how
# many reach the wrong room?

# %%
await claims.settle("rooms")

# %% [markdown]
# ### 9. One kind of client, another kind of server
#
# What does a client get from the wrong server: an error, a status, no answer? Is there a way to
# connect?

# %%
await claims.settle("never-across")

# %% [markdown]
# ### 10. A fixed partner
#
# If the last claim holds, this one follows. Did it hold?

# %%
await claims.settle("fixed-partner")

# %% [markdown]
# ### 11. A wrong handshake
#
# Leave out a header, or send it twice. What does the server answer, and is the connection still
# open?

# %%
await claims.settle("handshake")

# %% [markdown]
# ### 12. Data of the wrong type
#
# The version is a text, or the key is no Base64. Who notices?

# %%
await claims.settle("wrong-types")

# %% [markdown]
# ### 13. The client's turn
#
# The server answers 101, but with the wrong proof. What does a client do?

# %%
await claims.settle("client-checks")

# %% [markdown]
# ### 14. Every client has its own connection
#
# There are three connections, and one of them stalls. What changes for the other two?

# %%
await claims.settle("fast-lines")

# %% [markdown]
# ### 15. One connection for two
#
# Not over HTTP/1.1. What would HTTP/2 change?

# %%
await claims.settle("shared-line")

# %% [markdown]
# ### 16. Which one starts first
#
# Start the client while there is no server, and then the server. Who is connected?

# %%
await claims.settle("client-first")

# %% [markdown]
# ### 17. Built separately
#
# The page comes from one program and the chat from another. What do they have to agree on?

# %%
await claims.settle("built-apart")

# %% [markdown]
# ## The answer

# %%
my_beliefs.beside(claims.verdicts())

# %%
my_guess.beside(claims.verdicts())

# %%
claims.answer()

# %% [markdown]
# Where you were wrong, `lab claims NAME --trace` shows the bytes.
#
# ## Exercises
#
# **1.** How many of the four common beliefs hold as stated?

# %%
answer = ...
check(answer, claims.beliefs_that_hold())

# %% [markdown]
# <details><summary>Solution</summary>
#
# None: two do not hold, and two depend on settings and libraries.
#
# </details>
#
# **2.** A Socket.IO client has the option `transports: ["websocket", "polling"]`. Which one of the
# two does its first request ask for?

# %%
answer = ...
check(answer, lesson.FIRST_REQUEST)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"websocket"`. Without `tryAllTransports` the client stays with it, even if it is blocked. Then
# the user sees `connect_error` again and again.
#
# </details>
#
# ## Try this
#
# - `lab claims never-across --trace`: read what the client and the server send each other, up to
#   the point where it fails.
# - Write a claim of your own: a file in `lab/claims/`, with the verdict that you expect.
# - `lab claims --lang ko` prints them in Korean.
#
# [docs/claims.md](../docs/claims.md) has the claims and their verdicts, and
# [docs/method.md](../docs/method.md) says how things are measured. Next:
# [07_protocol_or_library](07_protocol_or_library.ipynb).
#
# **So choose** after a test of your own sentence: a claim about a protocol is often true of one
# library, one setting or one year.
