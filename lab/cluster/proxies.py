"""The configurations of nginx, HAProxy and Caddy for a chat: WebSocket, polling and streams.

`CONFIGURATIONS` writes a `Site` for each proxy, as docs/proxies.md shows it. `program_file` adds
what a proxy needs that somebody starts for a while: no daemon, and no file outside its folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

__pure__ = True

Proxy = Literal["nginx", "haproxy", "caddy"]
Sticky = Literal["cookie", "address", "none"]

COOKIE = "node"
"""The cookie that names a client's node."""
IDLE_S = 60
"""How long a connection may be silent. The heartbeat's interval is 25 s."""


@dataclass(frozen=True)
class Site:
    """What a proxy serves. `listen`, `nodes`: HOST:PORT. `idle_s`: the longest silence.

    `upgrade` False: nginx does not pass `Upgrade` on, as in its defaults. `buffering`: nginx
    collects a response, as in its defaults.
    """

    listen: str = ":8080"
    nodes: tuple[str, ...] = ("127.0.0.1:3101", "127.0.0.1:3102")
    sticky: Sticky = "cookie"
    idle_s: int = IDLE_S
    upgrade: bool = True
    buffering: bool = False

    def named(self) -> dict[str, str]:
        """The nodes, by the names that a cookie has for them."""
        return {f"n{number}": node for number, node in enumerate(self.nodes, 1)}


def nginx(site: Site) -> str:
    """What stands in the `http` block of nginx."""
    blocks = [
        _map("$http_upgrade", "$connection_upgrade", {"default": "upgrade", '""': '""'}),
        *(_cookie_blocks() if site.sticky == "cookie" else ()),
        _upstream("chat", site),
        _block(
            "server",
            [
                f"listen {site.listen.removeprefix(':')};",
                *_block("location /", _location(site)),
            ],
        ),
    ]
    return _text(blocks)


def _location(site: Site) -> list[str]:
    upgrade = [
        "proxy_http_version 1.1;                # 1.0 has no upgrade",
        "proxy_set_header Upgrade $http_upgrade;",
        "proxy_set_header Connection $connection_upgrade;",
    ]
    unbuffered = ["proxy_buffering off;                   # a stream is not collected"]
    return [
        "proxy_pass http://chat;",
        *(upgrade if site.upgrade else ()),
        "proxy_set_header Host $http_host;",
        "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        *([] if site.buffering else unbuffered),
        f"proxy_read_timeout {site.idle_s}s;                # longer than the heartbeat",
        f"proxy_send_timeout {site.idle_s}s;",
        *(["add_header Set-Cookie $new_cookie;"] if site.sticky == "cookie" else ()),
    ]


def _cookie_blocks() -> list[list[str]]:
    """Without nginx's commercial part: a cookie names a client, and its hash chooses the node.

    So a client whose node is dead has one other node, and not all others in turn.
    """
    cookie = f'"{COOKIE}=$request_id; Path=/; HttpOnly; SameSite=Lax"'
    return [
        _map(f"$cookie_{COOKIE}", "$client", {"default": f"$cookie_{COOKIE}", '""': "$request_id"}),
        _map(f"$cookie_{COOKIE}", "$new_cookie", {"default": '""', '""': cookie}),
    ]


def haproxy(site: Site) -> str:
    """The sections of HAProxy."""
    balance = {
        "cookie": ["balance roundrobin", f"cookie {COOKIE} insert indirect nocache httponly"],
        "address": ["balance source", "hash-type consistent"],
        "none": ["balance roundrobin"],
    }[site.sticky]
    pinned = site.sticky == "cookie"
    return _text(
        [
            [
                "defaults",
                "  mode http",
                "  option http-no-delay                 # or a stream's parts wait 200 ms for more",
                "  option redispatch 1                  # if a node is dead, the next one",
                "  timeout connect 5s",
                f"  timeout client {site.idle_s}s                   # longer than the heartbeat",
                f"  timeout server {site.idle_s}s",
                f"  timeout tunnel {site.idle_s}s                   # a WebSocket's",
            ],
            ["frontend chat", f"  bind {site.listen}", "  default_backend nodes"],
            [
                "backend nodes",
                *(f"  {line}" for line in balance),
                *(
                    f"  server {name} {node} check{f' cookie {name}' if pinned else ''}"
                    for name, node in site.named().items()
                ),
            ],
        ]
    )


def caddy(site: Site) -> str:
    """The site block of Caddy."""
    host, _, port = site.listen.rpartition(":")
    policy = {"cookie": f"cookie {COOKIE}", "address": "ip_hash", "none": "round_robin"}
    proxy = [
        f"lb_policy {policy[site.sticky]}",
        "lb_try_duration 5s                     # if a node is dead, the next one",
        "fail_duration 5s                       # for so long it counts as dead",
        "flush_interval -1                      # a stream is not collected",
    ]
    body = [f"bind {host}"] if host else []
    body += _block(f"reverse_proxy {' '.join(site.nodes)}", proxy)
    return _text([_block(f"http://:{port}", body)])


CONFIGURATIONS: Mapping[Proxy, Callable[[Site], str]] = {
    "nginx": nginx,
    "haproxy": haproxy,
    "caddy": caddy,
}
"""Proxy -> what writes its configuration."""

NGINX_FRAME = """\
daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 8192; }}
http {{
access_log off;
client_body_temp_path body;
proxy_temp_path proxy;
fastcgi_temp_path fastcgi;
uwsgi_temp_path uwsgi;
scgi_temp_path scgi;
{site}}}
"""
CADDY_FRAME = """\
{{
  admin off
  auto_https off
}}
{site}"""
FRAMES: Mapping[Proxy, str] = {"nginx": NGINX_FRAME, "haproxy": "{site}", "caddy": CADDY_FRAME}


def program_file(proxy: Proxy, site: Site) -> str:
    """The whole file with which the lab runs the proxy in a folder of its own, without a daemon."""
    return FRAMES[proxy].format(site=CONFIGURATIONS[proxy](site))


def _map(source: str, target: str, entries: Mapping[str, str]) -> list[str]:
    return _block(f"map {source} {target}", [f"{key} {value};" for key, value in entries.items()])


def _upstream(name: str, site: Site) -> list[str]:
    keys = {"cookie": "$client", "address": "$remote_addr", "none": None}
    key = keys[site.sticky]
    sticky = [] if key is None else [f"{f'hash {key} consistent;':<39}# one client, one node"]
    return _block(f"upstream {name}", [*sticky, *(f"server {node};" for node in site.nodes)])


def _block(head: str, body: list[str]) -> list[str]:
    return [f"{head} {{", *(f"  {line}" for line in body), "}"]


def _text(blocks: list[list[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"
