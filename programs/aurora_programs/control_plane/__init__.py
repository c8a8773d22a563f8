"""The control plane: a view of the model store and of the cluster. It only reads, and keeps no state."""
