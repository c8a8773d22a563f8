"""The API server's own verdict, and Pod Security's, from one run of the Go program that links their code."""

from __future__ import annotations

from aurora.checks.server.check import PodSecurityCheck, ServerCheck
from aurora.checks.server.validation import ServerValidation

__all__ = ["PodSecurityCheck", "ServerCheck", "ServerValidation"]
