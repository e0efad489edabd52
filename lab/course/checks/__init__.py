"""The checks, one module for each chapter."""
