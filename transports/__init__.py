"""The transports, one file each, with server and client; `registry` has their names.

A file says what is characteristic of its transport and where its parts are. The packages that begin
with an underscore hold what several transports use:

- `_native`: server and client of one JSON text per WebSocket frame.
- `_socketio`: server and client on python-socketio.
- `_fallback`: the HTTP transports in Socket.IO 0.9's format.
- `_codec`, `_tuned`: HTTP, WebSocket and Engine.IO without a library.
- `_node`: starts the servers in `node/`.
- `_shared`: admission, listening, versions, and the fairness between connections.
"""
