"""Workloads of a development environment that go to zero pods and come back on a schedule."""
