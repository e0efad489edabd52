"""What the headers of responses say about the server and about what stands before it."""

from __future__ import annotations

__pure__ = True

from collections.abc import Iterable

from lab.probe.response import Fields, Response

NAMES = (
    "server",
    "via",
    "x-powered-by",
    "alt-svc",
    "forwarded",
    "x-real-ip",
    "x-request-id",
    "x-served-by",
    "x-cache",
    "x-varnish",
    "age",
    "strict-transport-security",
)
"""Fields that a server, a proxy or a cache adds; in lower case."""
PREFIXES = ("cf-", "fly-", "x-amz", "x-azure-", "x-envoy-", "x-forwarded-", "x-proxy-", "x-vercel-")
BALANCERS = {
    "arraffinity": "Azure",
    "awsalb": "AWS",
    "awselb": "AWS",
    "bigipserver": "F5",
    "gclb": "Google",
    "ingresscookie": "nginx ingress",
    "route": "nginx",
    "serverid": "HAProxy",
    "sticky": "a proxy",
    "traefik": "Traefik",
}
"""How the cookies of load balancers begin -> whose they are."""


def headers_between(responses: Iterable[Response]) -> Fields:
    """The telling fields of all responses, each value once, in the order of `NAMES`."""
    found = {
        (name, value): None
        for response in responses
        for name, value in response.headers
        if name in NAMES or name.startswith(PREFIXES)
    }
    rank = {name: at for at, name in enumerate(NAMES)}
    return tuple(sorted(found, key=lambda field: (rank.get(field[0], len(NAMES)), field[0])))


def cookies(response: Response) -> dict[str, str]:
    """The cookies that a response sets: name -> value."""
    pairs = (value.partition(";")[0].partition("=") for value in response.all("set-cookie"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def describe_cookies(response: Response) -> tuple[str, ...]:
    """The cookies that a response sets, by name, and which load balancer's they are."""
    return tuple(map(_described, cookies(response)))


def _described(name: str) -> str:
    low = name.lower()
    owner = next((of for begin, of in BALANCERS.items() if low.startswith(begin)), None)
    return f"{name} ({owner})" if owner else name
