"""What Velero backs up, where to and when, and the run that tries a restore."""
