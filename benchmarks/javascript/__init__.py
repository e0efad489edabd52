"""The benchmarks whose client is JavaScript: `--client browser` and `--client node`."""
