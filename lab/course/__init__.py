"""The course: its chapters, and the checks that play against a learner's server."""
