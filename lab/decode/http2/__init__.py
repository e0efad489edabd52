"""The frames of HTTP/2 (RFC 9113), and the header fields in them. The streams are read live."""

__pure__ = True
