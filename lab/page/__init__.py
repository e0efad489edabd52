"""The server of the page: one chat, every transport's server, and a page's own links to them.

`open_page` is all that `lab chat` needs. docs/page.md has the messages of the control WebSocket.
"""

from __future__ import annotations

from lab.page.site import Page, PageOptions, open_page

__all__ = ["Page", "PageOptions", "open_page"]
