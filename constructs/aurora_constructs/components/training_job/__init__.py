"""One training run: the MLTrainingJob, and the Job that the operator makes of it."""
