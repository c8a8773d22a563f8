"""Examples for the rules on tracing policies: one policy, of which each rule changes one thing."""

from __future__ import annotations

from aurora.model.examples import altered

POLICY = """\
apiVersion: cilium.io/v1alpha1
kind: TracingPolicyNamespaced
metadata: {name: watch, namespace: shop}
spec:
  options: [{name: policy-mode, value: monitor}]
  kprobes:
    - call: security_file_permission
      syscall: false
      args:
        - {index: 0, type: file}
        - {index: 1, type: int}
      selectors:
        - matchArgs:
            - {index: 0, operator: Prefix, values: [/run/secrets/kubernetes.io]}
            - {index: 1, operator: Mask, values: ["6"]}
          matchActions: [{action: Post, rateLimit: 1m}]
"""
CONNECTIONS = """\
apiVersion: cilium.io/v1alpha1
kind: TracingPolicyNamespaced
metadata: {name: watch, namespace: shop}
spec:
  options: [{name: policy-mode, value: monitor}]
  kprobes:
    - call: tcp_connect
      syscall: false
      args: [{index: 0, type: sock}]
      selectors:
        - matchArgs:
            - {index: 0, operator: NotDAddr, values: [127.0.0.0/8, "::1/128", 10.0.0.0/8]}
          matchActions: [{action: Post, rateLimit: 1m}]
"""
NAMESPACES = """\
apiVersion: cilium.io/v1alpha1
kind: TracingPolicyNamespaced
metadata: {name: watch, namespace: shop}
spec:
  options: [{name: policy-mode, value: monitor}]
  kprobes:
    - call: sys_setns
      syscall: true
      args: [{index: 1, type: int}]
      selectors:
        - matchBinaries: [{operator: NotIn, values: [/usr/bin/runc]}]
          matchActions: [{action: Post, rateLimit: 1m}]
"""
CLUSTER = """\
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: watch}
spec:
  options: [{name: policy-mode, value: monitor}]
  podSelector:
    matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: In, values: [shop]}]
  kprobes:
    - call: sys_setns
      syscall: true
      args: [{index: 1, type: int}]
      selectors:
        - matchBinaries: [{operator: NotIn, values: [/usr/bin/runc]}]
          matchActions: [{action: Post, rateLimit: 1m}]
"""
CHART = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: tetragon, namespace: argocd}
spec:
  project: platform
  sources:
    - repoURL: https://helm.cilium.io
      chart: tetragon
      targetRevision: 1.7.0
      helm: {releaseName: tetragon, valuesObject: {crds: {installMethod: helm}}}
  destination: {server: https://kubernetes.default.svc, namespace: tetragon}
"""
PREFIX = "{index: 0, operator: Prefix, values: [/run/secrets/kubernetes.io]}"
MASK = '{index: 1, operator: Mask, values: ["6"]}'
POST = "matchActions: [{action: Post, rateLimit: 1m}]"


def policy(old: str, new: str) -> str:
    """Change one part of the policy on files."""
    return altered(POLICY, old, new)
