"""Tetragon's tracing policies, bound to an environment's namespaces, mode and values."""
