"""What each notebook measures and draws: one module a lesson, or one for each of its parts.

Only the notebooks import it.
"""
