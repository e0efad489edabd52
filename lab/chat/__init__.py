"""What a chat room means, the same on every transport. No I/O, no clock.

`Rooms` takes commands (`commands`) and returns effects (`effects`). `RoomLog` keeps what was said.
Nothing here uses sockets, tasks or time.
"""
