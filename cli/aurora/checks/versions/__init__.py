"""The check `versions`: what a cluster and its charts run that nobody maintains any more."""

from __future__ import annotations

from aurora.checks.versions.check import CHECK

__all__ = ["CHECK"]
