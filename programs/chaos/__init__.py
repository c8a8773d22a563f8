"""Failures under load: a real API server and its controllers, the committed manifests, the real programs.

Simulated are the kubelets, the network and the edge's controller: `pod.py`, `kubelet.py` and `edge.py` say how.
"""
