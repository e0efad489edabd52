"""What a chat costs: cores, memory and bytes a month by stack and transport, with the arithmetic.

`plan` is what is given, `model` computes, `text` writes it for a terminal. The page of `lab chat`
shows the same computation.
"""
