"""Moves what an environment pins to the next stage, or back to what the last tag had: `aurora promote`."""
