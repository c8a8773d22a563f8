//go:build !kubernetes_1_34 && !kubernetes_1_36

// Package linked is what differs between the releases of Kubernetes that the program can be built against.
//
// This file is for the release of go.mod; one of versions/ has a file with its build tag. The package must not judge.
package linked

// Version is the version of the module k8s.io/kubernetes; a test compares it with go.mod.
const Version = "v1.35.4"

// Minor is its minor version; its major version is 1.
const Minor = 35
