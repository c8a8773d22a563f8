"""Pools whose nodes Karpenter makes: for each a NodePool and an EC2NodeClass."""
