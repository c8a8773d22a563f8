"""Consequences for access, policies, networks and pods: what becomes weaker or stronger."""
