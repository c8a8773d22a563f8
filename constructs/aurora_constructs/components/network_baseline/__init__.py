"""Default-deny and DNS for every namespace."""
