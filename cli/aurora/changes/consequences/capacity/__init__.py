"""Consequences for pods and resources: what is asked for, and whether it still fits."""
