"""Data of a bucket, copied into a shared folder on a schedule."""
