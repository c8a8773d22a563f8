"""The shared model store: storage class, claim and folder layout, and how pods mount it."""
