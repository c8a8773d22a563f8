"""What the cloud must provide for an environment: things, identities, and the documents that permit what is needed."""
