"""Beside the wire: the relay that taps and bends it, the decoder and the ledger of its bytes."""
