"""Why a connection ended: the causes, what each looks like, and which one a capture shows."""
