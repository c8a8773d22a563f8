"""Kyverno's policies: where they are, what they match, who judges by them, and what proves a verdict.

The check `policy`, the suites, the control matrix, changes and the object graph share it; it makes no findings about
objects.
"""
