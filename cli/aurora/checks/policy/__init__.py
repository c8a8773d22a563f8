"""The check `policy`: what Kyverno's policies say of the objects, each verdict proved by planted violations."""

from aurora.checks.policy.check import PolicyCheck
from aurora.policies.judging import DEFAULT as DEFAULT_ENGINE

__all__ = ["DEFAULT_ENGINE", "PolicyCheck"]
