"""YAML in and out: the only package that imports the YAML library.

`reading` turns text into plain values and the places of all their parts, which `events` builds; `scalars`
decides what a plain scalar means to Kubernetes and to other readers; `writing` prints the canonical form.
Reads no files.
"""
