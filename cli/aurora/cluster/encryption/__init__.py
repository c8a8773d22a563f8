"""What is encrypted on its way between two parties, and where it lies. Finds facts; never judges them."""
