"""Clock, histograms, CPU and memory of processes, statistics and figures."""
