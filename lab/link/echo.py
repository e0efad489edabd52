"""A program on the server's side: sends each UDP datagram back, and counts them.

The first line of stdout is its port. When stdin ends, the last line is the number of datagrams.
"""

from __future__ import annotations

import os
import select
import socket
import sys

from lab.link.kernel import wake_precisely

AT_ONCE = 64
BUFFER_BYTES = 1 << 22
"""So that the socket, whose drops nobody decides, has room while the process waits for a core."""


def main() -> None:
    """Echo until stdin ends."""
    wake_precisely()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        server.setblocking(False)
        server.bind((sys.argv[1], 0))
        say(server.getsockname()[1])
        count = 0
        while True:
            ready, _, _ = select.select([server, sys.stdin.fileno()], [], [])
            if server in ready:
                count += echo(server)
            elif ready:
                break
        say(count)


def echo(server: socket.socket) -> int:
    """Send back what has arrived. Returns how many datagrams that was."""
    for count in range(AT_ONCE):
        try:
            data, sender = server.recvfrom(2048)
        except BlockingIOError:
            return count
        server.sendto(data, sender)
    return AT_ONCE


def say(number: int) -> None:
    """Write a line to stdout."""
    os.write(sys.stdout.fileno(), b"%d\n" % number)


if __name__ == "__main__":
    main()
