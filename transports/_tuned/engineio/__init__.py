"""Engine.IO 4 and Socket.IO 5 for the tuned transports."""
