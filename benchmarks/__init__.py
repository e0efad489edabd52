"""The benchmark suite: each file asks one question of every transport."""
