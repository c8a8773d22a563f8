"""Schemas: CustomResourceDefinitions trimmed to what decides, and the JSON schemas derived from them.

`trim` and `convert` know what the API server does with a CRD, `kubernetes` where the built-in kinds' schemas
lie, `pack` the committed folder `schemas/`, `store` which schema judges which kind. Judges no manifest and
starts no program.
"""
