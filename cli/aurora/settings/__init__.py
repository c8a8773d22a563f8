"""The settings of a repository: `[tool.aurora]` in `pyproject.toml`, or the same keys in `aurora.toml`.

`reading` makes frozen `values` of the file, `places` finds the line of a key. Imports nothing heavy: a run whose
result is known reads the settings too.
"""
