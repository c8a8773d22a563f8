"""Secrets that charts name and no component makes."""
