package protocol

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// garbage is how far the heap may grow between two collections, in percent: objects live for one request, so
// collecting less often is cheap in memory and saves time.
const garbage = 200

// Main serves one run on standard input and output, or prints the versions of the program and what it links.
func Main(name, version, linked string, start func() (Program, error)) {
	showVersion := flag.Bool("version", false, "print the versions and exit")
	flag.Parse()
	if *showVersion {
		fmt.Printf("%s %s %s protocol %d\n", name, version, linked, Version)
		return
	}
	debug.SetGCPercent(garbage)
	program, err := start()
	if err == nil {
		err = Serve(context.Background(), program, os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Workers is how many requests a program judges at the same time.
func Workers() int { return runtime.GOMAXPROCS(0) }

// Limit is a limit of time that `configure` may change while requests run; zero means none.
type Limit struct{ nanoseconds atomic.Int64 }

// Set takes the milliseconds of a `configure`; nil leaves the limit as it is.
func (l *Limit) Set(milliseconds *int) {
	if milliseconds != nil {
		l.nanoseconds.Store(int64(time.Duration(*milliseconds) * time.Millisecond))
	}
}

// Get returns the limit.
func (l *Limit) Get() time.Duration { return time.Duration(l.nanoseconds.Load()) }
