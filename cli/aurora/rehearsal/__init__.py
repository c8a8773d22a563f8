"""A real Argo CD syncs environments into a real API server, on this machine: `aurora rehearse`.

What no such cluster can show is simulated, and the report names it. Must not decide whether manifests are right.
"""
