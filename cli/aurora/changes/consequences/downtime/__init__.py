"""Consequences for availability: what stops, and what no longer reaches its target."""
