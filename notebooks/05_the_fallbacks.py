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
# # How did a server send to a page that had no WebSocket?
#
# In 2010 a page could send requests, and nothing else. To *receive* a message it needed a
# workaround, and each browser had a different one. Socket.IO collected them. This lesson runs
# all of them, in the formats of Socket.IO 0.6 to 0.9.
#
# ## Your guess first
#
# "hello" is delivered to one member of a room. How many bytes does that take over each of these,
# both directions together? (Native WebSocket: about 90.) Write numbers in place of the `...`.
#
# | fallback | how it works |
# |:--|:--|
# | `xhr-polling` | a GET waits at the server until there is something to send |
# | `jsonp-polling` | the same with a `<script>` element instead of the GET |
# | `xhr-multipart` | one response that never ends, with many parts |
# | `htmlfile` | a page in a hidden frame that never finishes loading |
# | `flashsocket` | WebSocket's frames, sent by a Flash movie |
# | `sse` | `EventSource`, the standard that replaced these |

# %%
from lab.notebook import check, guess
from lab.notebook.lessons import fallbacks

my_guess = guess(
    {
        "xhr-polling": ...,
        "jsonp-polling": ...,
        "xhr-multipart": ...,
        "htmlfile": ...,
        "flashsocket": ...,
        "sse": ...,
    },
    unit="B",
)

# %% [markdown]
# ## Run all of them
#
# One client comes through the relay and joins. It says "hello" three times, and then a text that
# is hard to escape. Then it stays for two and a half seconds of heartbeats, and closes.

# %%
found = await fallbacks.measure(["websocket", *my_guess.entries])
found.picture()

# %% [markdown]
# To *say* a word costs a whole request on all of them except `flashsocket`, and a stream does not
# help with that. To *receive* a word costs a whole GET over long-polling, and a few bytes where a
# response is open. Here are their messages.
#
# ## Long-polling: ask again and again
#
# **`xhr-polling`** (Socket.IO 0.1, March 2010, and still in use). The page sends a GET, and the
# server does not answer until it has something to send. Everything that waits goes into one
# answer. Each packet follows its length, which stands between two `U+FFFD`, a character that is
# not in ordinary text. Lengths count what JavaScript counts: UTF-16 code units.
#
# See it happen in [the page](../docs/page.md): `make chat`, then open
# `http://127.0.0.1:8000/#/tour/polling`. The page asks again and again.

# %%
found.show("xhr-polling")

# %% [markdown]
# **`jsonp-polling`** (0.6, November 2010). A page could send requests only to its own site, but
# it could load *scripts* from any site. So the answer is a script that calls a function of the
# page. Now the text is code: a quote ends the string, U+2028 ends the line, and `</script>` can
# end the script element. Look at how the last text travels, and at how many bytes it takes.

# %%
found.show("jsonp-polling", which=-1)
fallbacks.unsafe("jsonp-polling")

# %% [markdown]
# ## Streams: an answer that does not end
#
# **`xhr-multipart`** (0.1 to 0.6.17, March 2011). Netscape had a content type for webcams, in
# which each part replaces the part before. Firefox passed each part to the page. Today's browsers
# give the page the response as it is. So the page splits it itself, and the transport works
# again.

# %%
found.show("xhr-multipart")

# %% [markdown]
# **`htmlfile`** (0.1 to 0.9), the *forever frame*, was for Internet Explorer. A page in a hidden
# frame never finishes loading, and each message is a script element. The response begins with the
# head of a page and with blanks, because browsers rendered nothing before they had 256 bytes.

# %%
found.show("htmlfile", which=-1)

# %% [markdown]
# **`sse`** is the standard that followed. The browser has a parser for it, each message is one
# line, nothing is escaped, and every browser still has it. Like all of these it carries one
# direction only, and the page sends by POST. (Socket.IO 0.1 and 0.2 had their own
# `server-events`, for Opera.)

# %%
found.show("sse")

# %% [markdown]
# ## Another program: Flash
#
# **`flashsocket`** (0.1 to 0.9). Flash could open real sockets. It did WebSocket's handshake and
# frames for a page whose browser could not. But first it asked the server for permission, on a
# separate TCP connection. No browser runs Flash any more, but the question and the answer still
# work.

# %%
found.show("flashsocket", "request for a policy file")
found.show("flashsocket", "policy file, ")
fallbacks.unsafe("flashsocket")

# %% [markdown]
# ## What it costs to get in, and to be idle

# %%
found.getting_in()

# %% [markdown]
# A poll is its own heartbeat. When it has brought nothing for a while, it ends, and the next poll
# shows that the client is still there. A stream has to send a heartbeat, and the client answers
# it by POST. So an idle stream costs more than idle polling.
#
# ## How late is a word?
#
# Now the listener is far away: 100 ms to the server and 100 ms back. A member next to the server
# says a word every 25 ms. How late is the *second* word? Write numbers in place of the `...`.
#
# See it happen in [the page](../docs/page.md): `make chat`, then open
# `http://127.0.0.1:8000/#/tour/emulate`. Put your own browser at that distance.

# %%
WORDS = 24
my_delay = guess({"websocket": ..., "xhr-polling": ..., "sse": ...}, unit="ms")

# %%
late = await fallbacks.lateness(my_delay.entries, away_ms=100, words=WORDS)
late.picture()

# %% [markdown]
# A stream sends each word at once. A poll ends with the first word. The next words wait until the
# listener has that word *and has asked again*. Each tooth of this curve is one poll. A word that
# is said just after a poll was answered arrives three distances later: the answer goes to the
# listener, the next request comes to the server, and the word goes to the listener.
#
# ## The answer

# %%
my_guess.beside(found.delivery())

# %%
my_delay.beside({transport: late.second(transport) for transport in my_delay.entries})

# %%
found.answer()

# %% [markdown]
# So WebSocket improved above all the direction from the page to the server.
#
# ## Exercises
#
# **1.** The distance is 300 ms instead of 100. How many ms high is a tooth?

# %%
answer = ...
check(answer, fallbacks.TOOTH_MS)

# %% [markdown]
# <details><summary>Solution</summary>
#
# 900: three distances. Call `fallbacks.lateness` with `away_ms=300`.
#
# </details>
#
# **2.** Which HTTP method carries the words that a page says, on all of them except `flashsocket`?

# %%
answer = ...
check(answer, fallbacks.TO_SAY)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"POST"`. These workarounds only improved how a page *receives*.
#
# </details>
#
# ## Try this
#
# - Add `"htmlfile"` and `"flashsocket"` to `my_delay`. Which two curves are the same?
# - `lab serve htmlfile`, then open its URL's `/socket.io/1/` in a browser: that is the handshake.
#
# [docs/fallbacks.md](../docs/fallbacks.md) has the formats and the browsers that needed them,
# [docs/method.md](../docs/method.md) says how bytes are counted. Next:
# [06_claims](06_claims.ipynb).
#
# **So choose** WebSocket, which every browser has. Where a network blocks it, choose `sse` for a
# page that mostly receives, and long-polling for the rest.
