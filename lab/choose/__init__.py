"""The decision "WebSocket or Socket.IO?" for one reader's needs, with its reasons. No network.

`needs` says what is asked, `rules` holds the decision as data, `decide` applies it and finds where
it flips, `cases` has five readers, `text` writes the decision down.
"""
