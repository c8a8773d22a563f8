"""Any HTTP service of an image that serves on one port."""
