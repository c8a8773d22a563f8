"""Workers whose number follows what waits for them."""
