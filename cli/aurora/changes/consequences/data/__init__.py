"""Consequences for stored data: what a change may destroy."""
