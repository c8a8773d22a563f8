"""Argo CD's own objects: projects, Applications, and the health of the kinds that Aurora emits."""
