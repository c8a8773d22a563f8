"""Namespaces with their Pod Security level, quota and default limits."""
