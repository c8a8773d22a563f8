"""The policy test suite behind `aurora test`: Kyverno's own tests run and proved, coverage, and mutants.

`reading` and `subjects` take a test file apart, `isolation` and `proof` run it and judge what Kyverno said,
`expectations` demands that nothing is left untested, `coverage` and `mutants` ask the environments' own
objects. `run` puts them together. Must not print and must not write into the repository.
"""
