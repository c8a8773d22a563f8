"""Consequences for whoever uses a changed ConfigMap or Secret: when the new content counts."""
