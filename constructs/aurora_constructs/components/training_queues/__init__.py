"""The queues in which training runs wait for their pools."""
