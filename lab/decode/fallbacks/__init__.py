"""The formats of Socket.IO 0.6 to 0.9's fallbacks, and of Flash's policy."""

__pure__ = True
