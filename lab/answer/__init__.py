"""The answer to "WebSocket or Socket.IO?" in three blocks: the protocol, on Node, on Python.

`blocks` says what is compared, `extract` takes it from a run, `model` puts the answer together, and
`reference` has the measurements of the committed runs for what a run lacks.
"""
