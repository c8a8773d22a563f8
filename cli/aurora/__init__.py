"""Aurora: compiles, proves and explains the manifests of a GitOps repository.

Owns the command line and the compiler pipeline; the constructs live in `aurora_constructs`.
"""
