"""Environment files: layers, provenance, strict specifications, references and waivers.

`load` turns a file into an `Environment` or raises one `InputError` with every finding. Must not import
cdk8s: everything here works without Node.
"""
