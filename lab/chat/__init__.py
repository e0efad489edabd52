"""The room: what a chat room means, the same on every wire. Sans-I/O, without a clock.

Commands go in (`commands`), effects come out (`effects`); `Rooms` stands between, and `RoomLog`
remembers what was said. Nothing here knows of sockets, tasks or time.
"""
