"""What was computed once, remembered under the hash of everything that it was computed from.

Owns the file in the cache folder and the hashes; knows nothing of checks, components or commands.
"""
