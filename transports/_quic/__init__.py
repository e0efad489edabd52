"""WebTransport over HTTP/3 on aioquic: one session, and in it one bidirectional stream."""
