"""What a captured conversation cost: connections, round trips, and bytes by layer."""

__pure__ = True
