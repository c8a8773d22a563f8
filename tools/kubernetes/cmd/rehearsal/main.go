// Command rehearsal compares server validation, verdict by verdict, with a real API server that it builds, starts on
// loopback and stops again.
//
// It must be run in the folder of its module. It fails for every difference that the table of explained differences
// does not have, and for every entry of that table that explains nothing any more.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"k8s.io/klog/v2"

	"aurora.example/tools/kubernetes/internal/kinds"
	"aurora.example/tools/kubernetes/internal/linked"
	"aurora.example/tools/kubernetes/internal/rehearsal"
	"aurora.example/tools/kubernetes/internal/rehearsal/comparison"
	"aurora.example/tools/kubernetes/internal/rehearsal/controlplane"
	"aurora.example/tools/kubernetes/internal/rehearsal/speed"
)

// demanded is how many times faster than a server the offline program has to be.
const demanded = 8

// options are the flags.
type options struct {
	definitions, generated, cases, table, results string
	document, toolchain, kinds                    string
	speedOnly                                     bool
}

func main() {
	var o options
	flag.StringVar(&o.definitions, "crds", "", "folder of the CustomResourceDefinitions to install")
	flag.StringVar(&o.generated, "generated", "../../generated", "folder of the committed environments")
	flag.StringVar(&o.kinds, "kinds", "../../cli/aurora/kinds", "folder of the table of kinds")
	flag.StringVar(&o.cases, "cases", "internal/verdict/testdata/judge", "folder of the cases")
	flag.StringVar(&o.table, "differences", "internal/verdict/testdata/differences.yaml", "table of the explained differences")
	flag.StringVar(&o.results, "results", "../../benchmarks/results/rehearsal.json", "file for counts and times")
	flag.StringVar(&o.document, "document", "", "write the table into this page and exit")
	flag.StringVar(&o.toolchain, "go", "go", "Go toolchain that builds the programs")
	flag.BoolVar(&o.speedOnly, "speed", false, "only compare the speed")
	flag.Parse()
	var settings flag.FlagSet
	klog.InitFlags(&settings)
	_ = settings.Set("logtostderr", "false")
	_ = settings.Set("stderrthreshold", "FATAL")
	klog.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "rehearsal:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	entries, err := comparison.ReadEntries(o.table)
	if err != nil {
		return err
	}
	if o.document != "" {
		return rehearsal.Document(o.document, o.cases, entries)
	}
	begun := time.Now()
	programs, err := controlplane.Build(ctx, o.toolchain, linked.Version)
	if err != nil {
		return err
	}
	fmt.Printf("kube-apiserver, etcd and server-validation built in %.1f s\n", time.Since(begun).Seconds())
	result := &rehearsal.Result{}
	if !o.speedOnly {
		pods, err := kinds.Pods(o.kinds)
		if err != nil {
			return err
		}
		in := rehearsal.Inputs{Programs: programs, Definitions: o.definitions, Generated: o.generated, Cases: o.cases, Pods: pods}
		if result, err = rehearsal.Run(ctx, in, os.Stdout); err != nil {
			return err
		}
	}
	measured, err := speed.Measure(ctx, programs)
	if err != nil {
		return err
	}
	fmt.Printf("%d Deployments: API server %.2f s (start %.2f s, dry-run apply %.2f s), offline %.2f s: %.1f times faster\n",
		measured.Objects, measured.ServerReady+measured.ServerApply, measured.ServerReady, measured.ServerApply, measured.Offline, measured.Ratio)
	if err := write(o.results, result, measured); err != nil {
		return err
	}
	return verdictOf(result, entries, measured, o.speedOnly)
}

// verdictOf prints every difference and says whether the rehearsal holds.
func verdictOf(result *rehearsal.Result, entries []comparison.Entry, measured speed.Result, speedOnly bool) error {
	unused := comparison.Explain(result.Differences, entries)
	unexplained := 0
	for _, d := range result.Differences {
		fmt.Println(d)
		if d.Explained == "" {
			unexplained++
		}
	}
	switch {
	case unexplained > 0:
		return fmt.Errorf("%d of %d differences are not explained", unexplained, len(result.Differences))
	case len(unused) > 0 && !speedOnly:
		return fmt.Errorf("explained differences that no longer occur: %v", unused)
	case measured.Ratio < demanded:
		return fmt.Errorf("only %.1f times faster than a server, not %d times", measured.Ratio, demanded)
	}
	fmt.Printf("%d differences, all explained\n", len(result.Differences))
	return nil
}

func write(path string, result *rehearsal.Result, measured speed.Result) error {
	data, err := json.MarshalIndent(map[string]any{
		"kubernetes": linked.Version, "suites": result.Counts, "differences": len(result.Differences), "speed": measured,
	}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}
