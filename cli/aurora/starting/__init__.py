"""A new repository: what `aurora init` writes, and what a newer Aurora would write.

`files` is a function from answers to texts and reads only what ships with Aurora; `folder` alone writes.
"""
