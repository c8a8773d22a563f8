// Command policy-engine judges Kubernetes objects with Kyverno's own code: policies are compiled once, objects
// are judged in parallel.
//
// It reads requests from standard input and writes replies to standard output, one JSON object a line; the
// README of this module is the contract. It opens no file and no network connection.
package main

import (
	"io"

	"k8s.io/klog/v2"

	"aurora.example/tools/kyverno/internal/verdict"
	"aurora.example/tools/protocol"
)

// version of the program; a build may set it by -ldflags.
var version = "development"

func main() {
	// The log of the linked code is dropped: what matters comes back in a reply.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	protocol.Main(verdict.Name, version, "kyverno "+verdict.LinkedKyverno(), func() (protocol.Program, error) {
		session, err := verdict.NewSession()
		if err != nil {
			return protocol.Program{}, err
		}
		return session.Program(version), nil
	})
}
