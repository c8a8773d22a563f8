"""The model store on a shared volume: names, publication, aliases, reading. Standard library only."""
