"""A model served by a stable and a canary Deployment, with the traffic split between them."""
