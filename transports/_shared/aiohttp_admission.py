"""Admit requests to aiohttp's handlers, and bring them into the form that libraries expect."""

from __future__ import annotations

from aiohttp import HttpVersion11, hdrs, web
from aiohttp.typedefs import Handler, Middleware
from aiohttp.web_protocol import RequestPayloadError

from transports._shared.origin import Admission

EXCEPTIONS: dict[int, type[web.HTTPException]] = {
    each.status_code: each
    for each in (
        web.HTTPBadRequest,
        web.HTTPForbidden,
        web.HTTPMisdirectedRequest,
        web.HTTPUnsupportedMediaType,
    )
}
"""The status of a refusal -> aiohttp's exception."""


def guarding(admission: Admission) -> Middleware:
    """Return the middleware that every request passes before its handler.

    It answers a client's mistake with a status, so that the program logs no error.
    """

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        admit(request, admission)
        try:
            return await handler(_plain(request))
        except RequestPayloadError as error:
            raise web.HTTPBadRequest(text=f"{error}\n") from None
        except ConnectionError:
            if request.transport is not None:
                raise
            return web.Response()  # the client is gone

    return guard


def admit(request: web.Request, admission: Admission, page: str | None = None) -> None:
    """Check a request by the rule of docs/room.md.

    Args:
        page: the Origin of the request, in place of its header field.

    Raises:
        web.HTTPException: with the status of the refusal.
    """

    def values(name: str) -> list[str]:
        return request.headers.getall(name, [])

    needs_host = request.version >= HttpVersion11
    refusal = admission.refusal_of(values, request.raw_path, needs_host=needs_host, page=page)
    if refusal is not None:
        raise EXCEPTIONS[refusal.status](text=refusal.reason)


def _plain(request: web.Request) -> web.Request:
    """The request for a library that compares whole header fields and whole parameters."""
    if (found := _parameters(request)) is not None:
        request = request.clone(rel_url=request.rel_url.with_query(found))
    offered = _offered(request)
    if len(offered) > 1 and "websocket" in offered:
        headers = request.headers.copy()
        headers[hdrs.UPGRADE] = "websocket"  # the server chooses (RFC 9110 section 7.8)
        request = request.clone(headers=headers)
    return request


def _parameters(request: web.Request) -> dict[str, str] | None:
    """The first non-empty value of each parameter; None if the query has no other values."""
    said: dict[str, str] = {}
    for name, value in request.query.items():
        if value:
            said.setdefault(name, value)
    return None if len(said) == len(request.query) else said


def _offered(request: web.Request) -> list[str]:
    """The protocols in the `Upgrade` fields, in lower case."""
    fields = request.headers.getall(hdrs.UPGRADE, [])
    return [each.strip().lower() for field in fields for each in field.split(",")]
