"""The programs that Aurora runs: where they come from, how they are started and how their words are read.

Only `runner` starts programs. Nothing here judges a manifest: wrappers return what a program said, once
it is proved that the program looked.
"""
