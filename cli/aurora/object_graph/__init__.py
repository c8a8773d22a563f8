"""The graph of an environment's objects, from the same facts that the checks judge. Must not judge."""
