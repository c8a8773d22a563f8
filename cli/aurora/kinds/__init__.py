"""What Aurora knows of each Kubernetes kind, as data: one folder for each API group, with its `kinds.yaml`.

A new kind is a new entry and no code. Reads the files of this folder, each at the first question about its group;
knows nothing of objects, and judges nothing.
"""
