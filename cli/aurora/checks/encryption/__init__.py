"""The check `encryption`: what an environment wants encrypted, and is not."""

from __future__ import annotations

from aurora.checks.encryption.check import CHECK

__all__ = ["CHECK"]
