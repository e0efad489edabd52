"""Serve the page's files, and bound what the page may do in a browser."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lab.contract import netloc

STATIC = Path(__file__).parent / "static"
"""Where `make page` puts what it builds, and a wheel carries it."""
INDEX = "index.html"
BENCH_PAGE = "bench.html"
"""The page in which `lab bench --client browser` measures. Nobody chats in it."""
NODE_BENCH = STATIC / "node" / "bench.cjs"
"""The program with which `lab bench --client node` measures, built with the page."""
HOW_TO_BUILD = (
    "The page is not built: run `make page` in a checkout of Transport Lab (it needs Node 20 or "
    "newer with npm), then reload."
)
FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose names change with their content, as in assets/."""


def is_built(folder: Path = STATIC) -> bool:
    """Whether there is a page to be served."""
    return (folder / INDEX).is_file()


def index(folder: Path) -> web.StreamResponse:
    """The page, or how to build it; as it is now, so that a reload is enough after a build."""
    if is_built(folder):
        return web.FileResponse(folder / INDEX, headers={"Cache-Control": "no-cache"})
    return web.Response(text=f"{HOW_TO_BUILD}\n", status=503, headers={"Retry-After": "5"})


def find(folder: Path, path: str) -> Path:
    """The file below `folder` that `path` leads to. Raises HTTPNotFound where there is none."""
    root = folder.resolve()
    try:
        found = (root / path).resolve()
        if found.is_relative_to(root) and found.is_file():
            return found
    except (OSError, RuntimeError, ValueError):
        # A name that is too long, a loop of links, a NUL: no file has such a path.
        pass
    raise web.HTTPNotFound


def is_index(folder: Path, file: Path) -> bool:
    """Whether a file that was found is the page itself, by whatever path."""
    return file == (folder / INDEX).resolve()


def response_with(file: Path) -> web.StreamResponse:
    """The response that carries a file."""
    lasting = file.parent.name == "assets"
    headers = {"Cache-Control": FOR_EVER if lasting else "no-cache"}
    return web.FileResponse(file, headers=headers)


def policy(host: str) -> str:
    """The Content-Security-Policy of a page on `host`, whose transports are on other ports of it.

    JSONP's scripts, the forever iframe and JSONP's forms come from there, and nothing from
    elsewhere.
    """
    every_port = f"{netloc(host, 0).removesuffix(':0')}:*"
    transports = f"http://{every_port} https://{every_port}"
    return "; ".join(
        (
            "default-src 'none'",
            f"connect-src 'self' {transports} {transports.replace('http', 'ws')}",
            f"script-src 'self' {transports}",
            f"frame-src 'self' {transports}",
            f"form-action 'self' {transports}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def host_of(request: web.Request) -> str:
    """The host that a request is for, without its port; "" where it names none.

    A target in absolute form counts, and `Host` is ignored (RFC 9112 section 3.2.2). Raises
    HTTPBadRequest for two `Host` fields or none (RFC 9112 section 3.2).
    """
    if len(request.headers.getall("Host", [])) != 1:
        raise web.HTTPBadRequest(text="a request has one Host field\n")
    try:
        return request.url.host or ""
    except ValueError:
        return ""


def secured(names: tuple[str, ...]) -> Middleware:
    """Answer only requests for the names of this server, and bound what a page may do.

    This keeps out a site that lets its own name point here (DNS rebinding).
    """

    @web.middleware
    async def secure(request: web.Request, handler: Handler) -> web.StreamResponse:
        host = host_of(request)
        if host not in names:
            raise web.HTTPMisdirectedRequest(text="this server has another name\n")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = policy(host)
            response.headers["X-Content-Type-Options"] = "nosniff"
            # Under no-referrer the Origin of a form that goes to a transport would be null (Fetch,
            # 3.2). Without the origin in its Referer a JSONP form would come from the Origin
            # "null".
            response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return secure
