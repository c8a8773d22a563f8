// Command kustomizer builds Kustomize overlays from files that it is given, without a disk and without a network.
//
// It reads requests from standard input and writes replies to standard output, one JSON object a line; the
// README of this module is the contract.
package main

import (
	"aurora.example/tools/kustomize/internal/build"
	"aurora.example/tools/protocol"
)

// version of the program; a build may set it by -ldflags.
var version = "development"

func main() {
	build.Isolate()
	protocol.Main(build.Name, version, "kustomize "+build.Linked(), func() (protocol.Program, error) {
		return build.Program(version), nil
	})
}
