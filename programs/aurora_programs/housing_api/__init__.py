"""The housing API: what clients ask, in front of the inference runtime."""
