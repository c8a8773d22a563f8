"""The API server's own verdict, and Pod Security's, from one session with the program that links their code."""

from aurora.checks.server.check import ServerCheck

__all__ = ["ServerCheck"]
