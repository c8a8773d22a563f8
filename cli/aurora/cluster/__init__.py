"""Facts read from an inventory: pods, workloads, Services, routes, claims, flows. Finds; never judges.

Checks, changes, suites, controls and the object graph share them.
"""
