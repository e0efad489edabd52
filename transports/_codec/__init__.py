"""WebSocket frames and HTTP/1.1 messages as bytes, for servers that use no library."""
