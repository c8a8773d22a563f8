"""Helm charts: what Applications name of them, their archives, and the objects that they render.

Opens archives and asks the chart renderer; the network is never used. What is wrong with the rendered objects
is the checks' business.
"""
