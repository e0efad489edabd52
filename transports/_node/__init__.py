"""Start and stop a server in Node.js, for the transports that are served by one."""
