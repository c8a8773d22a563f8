"""The control matrix: what protects the namespaces of an environment, derived from what is committed.

`table` is the only place where a control meets the policies, checks and tests behind it. Judges nothing and
writes nothing.
"""
