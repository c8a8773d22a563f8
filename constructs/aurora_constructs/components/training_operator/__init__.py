"""The operator that turns MLTrainingJobs into Jobs."""
