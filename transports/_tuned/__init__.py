"""What the tuned transports share: an epoll reactor, connections and timers."""
