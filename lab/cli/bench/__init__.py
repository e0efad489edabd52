"""`lab bench`: runs the benchmark suite in interleaved passes and records the results."""
