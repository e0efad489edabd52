"""Server and client on python-socketio, and what a public server must add to the library."""
