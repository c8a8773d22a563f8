"""What objects name: one reference a field, what each kind names, and the Secrets that will exist. Judges nothing."""
