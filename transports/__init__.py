"""The wires: one file each, all of one shape, server and client; `registry` knows them by name."""
