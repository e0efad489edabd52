"""The questions of the suite that are asked in a browser: `--client browser`."""
