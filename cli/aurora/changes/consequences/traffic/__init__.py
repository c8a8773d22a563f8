"""Consequences for requests: which share goes where, and which model answers."""
