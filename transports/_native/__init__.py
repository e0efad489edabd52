"""Server and client of the native transports: one text frame is one command or event in JSON."""
