"""HTTP/2 (RFC 9113) below the servers and clients that speak HTTP/1.1.

Each stream is for them a connection of its own: `exchange.py` translates what crosses it,
`stream.py` is the transport that asyncio's protocols write to, `connection.py` is the TCP
connection with its windows, and `server.py` and `client.py` are its two ends. So the server and
the client of a transport stay the same over both versions of HTTP.
"""
