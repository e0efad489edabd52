"""The code that all historical fallback transports share."""
