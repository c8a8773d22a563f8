"""What was computed once, remembered under the hash of everything that it was computed from.

`store` is the file, `digests` and `programs` are the hashes, `forms` and `verdicts` what is written down, `groups` the
objects that are looked up together, `observation` what a component asked. Must not know checks, components or commands.
"""
