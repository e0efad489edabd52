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
# # The same server, from a program and from a page: what does the browser change?
#
# In the other lessons the client is a Python program. People use a browser, and
# `lab bench --client browser` runs the same benchmarks from a page in Chromium. Two runs come with
# the lab, one with each client. They were made on one machine with the same servers: only the
# client differs.
#
# ## Your guess first
#
# How many ms do a message and its reply take on `websocket`, with each client? And how many times
# as long does it take in the page over `socketio-websocket` and over `socketio-polling`? Write
# numbers in place of the `...`.

# %%
from lab.notebook import check, guess
from lab.notebook.lessons import which_client

my_times = guess({"Python": ..., "a browser": ...}, unit="ms")
my_ratios = guess({"socketio-websocket": ..., "socketio-polling": ...}, unit="×")

# %% [markdown]
# ## Read the two runs

# %%
recorded = which_client.recorded()
recorded.picture()

# %% [markdown]
# Each bar has the time of its own client. So first compare the bars *within* one colour. Then
# compare the two clients: how many times as long as on `websocket` does each transport take?

# %%
recorded.ratios()

# %% [markdown]
# The servers do the same work for both clients. The client's own time makes the difference.
#
# - **A browser is several programs.** A page has no socket. It passes what it sends to another
#   process, which has the socket, and it receives in the same way. Every message pays for that,
#   whatever is in it.
# - **So Socket.IO's packets are hardly visible.** They cost about as much as in Python. But a
#   message takes a millisecond in the browser, and a sixth of a millisecond in Python. The same
#   difference is "twice as slow" or "hardly slower": it depends on the baseline.
# - **And requests are more visible.** To connect takes one request, on a new connection to a name
#   that the browser has not used before. On polling every message is a request, and so is every
#   poll that brings its reply. Each request keeps the browser's core busy, where the Python
#   client only writes to a socket.
#
# ## The answer

# %%
my_times.beside({client: recorded.message_ms(client) for client in my_times.entries})

# %%
my_ratios.beside({name: recorded.ratio("a browser", name) for name in my_ratios.entries})

# %%
recorded.answer()

# %% [markdown]
# ## Exercises
#
# **1.** By how many ms does polling (`socketio-polling`) lengthen a message in the page?

# %%
answer = ...
check(answer, recorded.polling_ms())

# %% [markdown]
# <details><summary>Solution</summary>
#
# `recorded.longer("a browser", "socketio-polling")`: the difference of the page's two medians.
#
# </details>
#
# **2.** A message takes longer in the page than in Python. Which side's work is that: `"client"` or
# `"server"`?

# %%
answer = ...
check(answer, which_client.SAME_SERVER)

# %% [markdown]
# <details><summary>Solution</summary>
#
# `"client"`: both runs have the same servers, on the same machine.
#
# </details>
#
# ## Try this
#
# - See it happen in [the page](../docs/page.md): `make chat`, then open
#   `http://127.0.0.1:8000/#/tour/race`. Race the transports in your browser, then over a longer
#   distance, where a client's milliseconds count for little.
# - `lab bench --client browser` makes such a run with your browser; `--client node` with Node.
#
# [docs/method.md](../docs/method.md) says how a page is measured. Next:
# [10_tls](10_tls.ipynb).
#
# **So choose** by your users' client: in a browser the packets of Socket.IO hardly count, and
# polling's requests count more than in any benchmark from a program.
