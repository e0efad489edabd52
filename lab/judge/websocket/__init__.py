"""The cases of RFC 6455: openings, frames, messages, and how a connection ends."""
