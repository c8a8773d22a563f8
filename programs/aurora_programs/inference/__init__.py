"""The inference runtime: one pinned version of one model, served over HTTP."""
