"""A language model on GPUs behind vLLM, which is scaled to zero while nobody asks it anything."""
