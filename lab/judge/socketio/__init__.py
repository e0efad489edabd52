"""The cases of Socket.IO 5, in frames and in POSTs: namespaces, events, acks, invalid packets."""
