"""The check `policy`: what Kyverno's policies say of the objects, each verdict proved by planted violations."""

from aurora.checks.policy.check import PolicyCheck

__all__ = ["PolicyCheck"]
