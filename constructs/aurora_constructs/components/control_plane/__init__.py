"""The control plane: platform information and model metadata over HTTP, never part of serving."""
