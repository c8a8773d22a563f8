// Command server-validation judges Kubernetes objects with the API server's own code, without a server.
//
// It reads requests from standard input and writes replies to standard output, one JSON object a line;
// docs/protocol.md is the contract. It opens no network connection and no file but definitions it was told of.
package main

import (
	"flag"
	"io"

	"k8s.io/klog/v2"

	"aurora.example/tools/kubernetes/internal/linked"
	"aurora.example/tools/kubernetes/internal/verdict"
	"aurora.example/tools/protocol"
)

// version of the program; a build may set it by -ldflags.
var version = "development"

func main() {
	quiet()
	protocol.Main("server-validation", version, "kubernetes "+linked.Version, func() (protocol.Program, error) {
		session, err := verdict.NewSession()
		if err != nil {
			return protocol.Program{}, err
		}
		return session.Program(version), nil
	})
}

// quiet drops the log of the linked code: what matters comes back as a finding.
func quiet() {
	var settings flag.FlagSet
	klog.InitFlags(&settings)
	_ = settings.Set("logtostderr", "false")
	_ = settings.Set("stderrthreshold", "FATAL")
	klog.SetOutput(io.Discard)
}
