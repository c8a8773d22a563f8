// Command policy-engine judges Kubernetes objects with Kyverno's own code: policies are compiled once, objects
// are judged in parallel.
//
// It reads requests from standard input and writes replies to standard output, one JSON object a line; the
// README of this module is the contract. It opens no file and no network connection.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"k8s.io/klog/v2"

	"aurora.example/tools/kyverno/internal/verdict"
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
		fmt.Printf("%s %s kyverno %s protocol %d\n", verdict.Name, version, verdict.LinkedKyverno(), protocol.Version)
		return
	}
	debug.SetGCPercent(garbage)
	quiet()
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", verdict.Name, err)
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

// quiet drops the log of the linked code: what matters comes back in a reply.
func quiet() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
}
