"""Users of a chat room, for Locust.

lab serve websocket --unpaced --port 8000
locust --locustfile docs/examples/locustfile.py --host ws://127.0.0.1:8000/
"""

from __future__ import annotations

import os

from locust import constant_throughput, task

from lab.locust import ChatUser


class Member(ChatUser):
    """One member, who says a text every second."""

    transport = os.environ.get("TRANSPORT", "websocket")
    wait_time = constant_throughput(1)

    @task
    def speak(self) -> None:
        """Say one text."""
        self.say()
