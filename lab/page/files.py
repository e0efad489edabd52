"""The page's files as a browser gets them: what there is to be had, and what they may do."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lab.contract import netloc
from lab.page.names import host_named

STATIC = Path(__file__).parent / "static"
"""Where `make page` puts what it builds, and a wheel carries it."""
INDEX = "index.html"
HOW_TO_BUILD = (
    "The page is not built: run `make page` in a checkout of Transport Lab (it needs Node 20 or "
    "newer with npm), then reload."
)
FOR_EVER = "public, max-age=31536000, immutable"
"""Of files whose names change with what is in them, as those in assets/ do."""


def is_built(folder: Path = STATIC) -> bool:
    """Whether there is a page to be served."""
    return (folder / INDEX).is_file()


def index(folder: Path) -> web.StreamResponse:
    """The page, or how to build it; as it is now, so that a reload is enough after a build."""
    if is_built(folder):
        return web.FileResponse(folder / INDEX, headers={"Cache-Control": "no-cache"})
    return web.Response(text=f"{HOW_TO_BUILD}\n", status=503, headers={"Retry-After": "5"})


def file(folder: Path, path: str) -> web.StreamResponse:
    """A file below the folder, wherever `path` would lead. Raises HTTPNotFound."""
    if "\0" in path:  # which no file's name has, and pathlib refuses
        raise web.HTTPNotFound
    root = folder.resolve()
    found = (root / path).resolve()
    if not found.is_relative_to(root) or not found.is_file():
        raise web.HTTPNotFound
    lasting = found.parent.name == "assets"
    headers = {"Cache-Control": FOR_EVER if lasting else "no-cache"}
    return web.FileResponse(found, headers=headers)


def policy(host: str) -> str:
    """The Content-Security-Policy of a page on `host`, whose wires are on other ports of it.

    JSONP's scripts, the forever iframe and JSONP's forms come from there, and nothing from
    elsewhere.
    """
    wires = f"http://{netloc(host, 0).removesuffix(':0')}:*"
    return "; ".join(
        (
            "default-src 'none'",
            f"connect-src 'self' {wires} {wires.replace('http', 'ws', 1)}",
            f"script-src 'self' {wires}",
            f"frame-src 'self' {wires}",
            f"form-action 'self' {wires}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def secured(names: tuple[str, ...]) -> Middleware:
    """Answer only to the names that the server goes by, and bound what a page may do.

    A site that lets its own name point here (DNS rebinding) has a page of another Origin.
    """

    @web.middleware
    async def secure(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = host_named(request.headers.get("Host"))
        if host not in names:
            raise web.HTTPMisdirectedRequest(text="this server does not go by that name\n")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = policy(host)
            response.headers["X-Content-Type-Options"] = "nosniff"
            # Under no-referrer the Origin of a form that goes to a wire would be null (Fetch, 3.2).
            # Without the origin in its Referer a JSONP form would come from the Origin "null".
            response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return secure
