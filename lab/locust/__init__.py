"""For a locustfile: a Locust user whose client is one of the lab's transports.

Importing Locust makes gevent replace parts of the standard library in the whole process. So only a
process of Locust may import this package.
"""

from __future__ import annotations

import sys

if "locust" not in sys.modules:
    raise ImportError("lab.locust is for a locustfile: run it by the command `locust`")

from lab.locust.user import ChatUser

__all__ = ["ChatUser"]
