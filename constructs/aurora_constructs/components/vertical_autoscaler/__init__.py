"""Recommended requests for workloads, or requests of new pods."""
