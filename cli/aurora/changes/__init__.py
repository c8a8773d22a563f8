"""What a change does to a cluster: two sides, their pairs, the effect of each, and what follows for others.

Writes nothing and prints nothing; `aurora.reporters` shows what is found here.
"""
