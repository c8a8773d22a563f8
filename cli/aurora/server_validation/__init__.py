"""Aurora's program that links the API server's own code, as checks and changes ask it: the one client."""
