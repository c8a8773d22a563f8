// Command chart-renderer renders Helm charts with Helm's own engine, without a cluster and without a network.
//
// It reads requests from standard input and writes replies to standard output, one JSON object a line; the
// README of this module is the contract. It opens only the archives that requests name.
package main

import (
	"io"
	"log/slog"

	"aurora.example/tools/helm/internal/render"
	"aurora.example/tools/protocol"
)

// version of the program; a build may set it by -ldflags.
var version = "development"

func main() {
	// Helm logs what it ignores in values; the parts that matter are in the replies.
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	go watchMemory()
	protocol.Main(render.Name, version, "helm "+render.LinkedHelm(), func() (protocol.Program, error) {
		return render.NewSession().Program(version), nil
	})
}
