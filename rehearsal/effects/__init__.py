"""Compares the effects that a diff predicts with what a real control plane does, change by change.

Must not decide what an effect is: the table of effects says that, and what is seen is counted from the cluster.
"""
