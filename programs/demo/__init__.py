"""The path of a model without a cluster: trained, published, served by two tracks behind a weighted HAProxy."""
