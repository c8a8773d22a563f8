"""A classic model that KServe serves: stable and canary, each an InferenceService of its own."""
