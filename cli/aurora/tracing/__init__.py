"""Evaluates the selectors of tracing policies against recorded events, as Tetragon's programs in the kernel do.

Models what a policy filters on, not the kernel: that a hook exists and that a policy loads, only a node can tell.
What is not modelled is refused by name, never passed over.
"""
