"""A server that is not the lab's: where it is, whether it may be used, and what is kept secret.

    target = parse_target("ws://localhost:3000/chat")
    endpoint = await permit(target)              # resolved, checked, and something listens there
    async with http_session(endpoint) as session:
        ...                                      # no other host, no other address

What goes wrong is a `TargetError`: one plain sentence, and what helps.
"""
