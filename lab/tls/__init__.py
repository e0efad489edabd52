"""Makes the certificates with which the lab speaks TLS to itself."""
