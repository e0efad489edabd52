"""Open loop: messages are sent on schedule, even if the server does not keep up."""
