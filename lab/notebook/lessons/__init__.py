"""What each notebook measures and draws: one module a lesson. Only the notebooks import it."""
