"""Kyverno policies, bound to an environment's namespaces, actions and values."""
