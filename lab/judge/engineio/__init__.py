"""The cases of Engine.IO 4: the handshake, polls and frames, heartbeats, the upgrade."""
