"""A pipeline of Argo Workflows that trains a model on a schedule."""
