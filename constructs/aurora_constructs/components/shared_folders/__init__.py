"""Shared folders: one storage class, and a claim for each purpose."""
