"""Flows of pods that no component makes, such as those of charts."""
