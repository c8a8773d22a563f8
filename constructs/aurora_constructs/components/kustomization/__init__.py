"""A Kustomize overlay. It has no chart: the compiler takes the objects that it builds."""
