"""Gathers what the page of `aurora report` says: facts come from checks, controls and environment files."""
