"""The server side of the page: one chat, every wire's server, and a line of one's own to each.

`open_page` is all that `lab chat` needs. What is said over the control WebSocket stands in
docs/page.md.
"""

from __future__ import annotations

from lab.page.site import Page, PageOptions, open_page

__all__ = ["Page", "PageOptions", "open_page"]
