"""The check `policy`: what Kyverno's policies say of the objects, each verdict proved by planted violations."""

from aurora.checks.policy.check import PolicyCheck
from aurora.policies.judging import DEFAULT as DEFAULT_ENGINE
from aurora.policies.judging import JUDGES

ENGINES = tuple(JUDGES)

__all__ = ["DEFAULT_ENGINE", "ENGINES", "PolicyCheck"]
