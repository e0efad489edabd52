"""From captured bytes to HTTP messages, WebSocket frames, packets and chat commands."""

__pure__ = True
