// Command server-validation judges Kubernetes objects with the API server's own code, without a server.
//
// It reads requests from standard input and writes replies to standard output, one JSON object a line;
// docs/protocol.md is the contract. It opens no network connection and no file but definitions it was told of.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"k8s.io/klog/v2"

	"aurora.example/tools/kubernetes/internal/verdict"
	"aurora.example/tools/protocol"
)

// version of the program; a build may set it by -ldflags.
var version = "development"

// garbage is how far the heap may grow between two collections, in percent: objects live for one request, so
// collecting less often is cheap in memory and saves time.
const garbage = 200

func main() {
	showVersion := flag.Bool("version", false, "print the versions and exit")
	flag.Parse()
	if *showVersion {
		fmt.Printf("server-validation %s kubernetes %s protocol %d\n", version, verdict.LinkedVersion, protocol.Version)
		return
	}
	debug.SetGCPercent(garbage)
	quiet()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "server-validation:", err)
		os.Exit(1)
	}
}

func run() error {
	session, err := verdict.NewSession()
	if err != nil {
		return err
	}
	return protocol.Serve(context.Background(), session.Program(version), os.Stdin, os.Stdout)
}

// quiet drops the log of the linked code: what matters comes back as a finding.
func quiet() {
	var settings flag.FlagSet
	klog.InitFlags(&settings)
	_ = settings.Set("logtostderr", "false")
	_ = settings.Set("stderrthreshold", "FATAL")
	klog.SetOutput(io.Discard)
}
