"""A simple chat, written four times: native and on Socket.IO, in Python and in JavaScript.

Each file has a server and a client, as short as a learner would write them: rooms, a message to all
members of a room, and a client that reconnects. There are no limits, no history and no resume.
`lab code` counts their lines, and tests run them.
"""
