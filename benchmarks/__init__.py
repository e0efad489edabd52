"""The suite: each file one question, asked of every wire: `lab bench`, or plain pytest."""
