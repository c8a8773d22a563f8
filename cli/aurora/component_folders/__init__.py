"""Components whose objects come from a folder of the repository: reads the folder and places what is found in it.

Writes nothing. What is wrong with a folder is wrong with the environment, so that nothing is compiled.
"""
