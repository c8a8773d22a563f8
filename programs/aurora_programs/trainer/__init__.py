"""The trainer: a CSV in, a published version of a model out."""
