"""Helm charts: what Applications name of them, their archives, and the objects that they render.

Opens archives and asks the chart renderer; only `vendoring` uses the network. What is wrong with the rendered objects
is the checks' business.
"""
