"""What Aurora's manifests and Aurora's programs must agree on. Data only: imports nothing but the standard library."""
