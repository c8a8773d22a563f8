package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"aurora.example/tools/kubernetes/internal/podsecurity"
	"aurora.example/tools/kubernetes/internal/rehearsal/client"
	"aurora.example/tools/kubernetes/internal/rehearsal/comparison"
	"aurora.example/tools/kubernetes/internal/rehearsal/controlplane"
	"aurora.example/tools/kubernetes/internal/rehearsal/trial"
	"aurora.example/tools/kubernetes/internal/verdict"
)

// Inputs are the folders and the table of a rehearsal.
type Inputs struct {
	Programs    controlplane.Programs
	Definitions string
	Generated   string
	Cases       string
	// Pods are the paths to pods of the table of kinds.
	Pods []podsecurity.Place
}

// Counts say how much was compared.
type Counts struct {
	Suite    string `json:"suite"`
	Objects  int    `json:"objects"`
	Updates  int    `json:"updates"`
	Accepted int    `json:"accepted"`
	Refused  int    `json:"refused"`
	// Stored counts the objects whose stored form was compared.
	Stored      int     `json:"stored"`
	Differences int     `json:"differences"`
	Seconds     float64 `json:"seconds"`
}

// Result is everything that was found.
type Result struct {
	Counts      []Counts
	Differences []comparison.Difference
}

// Run tries everything: the definitions and the environments in one cluster, the cases in another.
func Run(ctx context.Context, in Inputs, progress io.Writer) (*Result, error) {
	definitions, references, err := definitionSuite(in.Definitions)
	if err != nil {
		return nil, err
	}
	environments, err := environmentSuites(in.Generated, references)
	if err != nil {
		return nil, err
	}
	cases, err := corpusSuites(in.Cases)
	if err != nil {
		return nil, err
	}
	result := &Result{}
	generated := slices.Concat([]suite{definitions}, environments, changeSuites(environments))
	for _, suites := range [][]suite{generated, cases} {
		for i := range suites {
			suites[i].configure.Pods = in.Pods
		}
		if err := result.cluster(ctx, in.Programs, suites, progress); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// cluster runs suites one after the other in a cluster of their own.
func (r *Result) cluster(ctx context.Context, programs controlplane.Programs, suites []suite, progress io.Writer) error {
	cluster, err := controlplane.Start(ctx, programs)
	if err != nil {
		return err
	}
	defer cluster.Stop()
	_, _ = fmt.Fprintf(progress, "control plane ready in %.1f s\n", cluster.Ready.Seconds())
	c, err := client.New(cluster.URL, cluster.HTTP)
	if err != nil {
		return err
	}
	for _, s := range suites {
		counts, err := r.suite(ctx, c, s)
		if err != nil {
			return fmt.Errorf("suite `%s`: %w", s.name, err)
		}
		r.Counts = append(r.Counts, counts)
		_, _ = fmt.Fprintf(progress, "%-27s %4d objects, %3d of them updates: %4d accepted, %4d refused, %4d stored forms, %3d differences, %5.1f s\n",
			counts.Suite, counts.Objects, counts.Updates, counts.Accepted, counts.Refused, counts.Stored, counts.Differences, counts.Seconds)
	}
	return nil
}

// suite asks both sides and compares.
func (r *Result) suite(ctx context.Context, c *client.Client, s suite) (Counts, error) {
	begun := time.Now()
	counts := Counts{Suite: s.name}
	verdicts, err := s.judged(ctx)
	if err != nil {
		return counts, err
	}
	stage := trial.NewStage(c, labels(s.configure.Namespaces), unknown(s.configure.UnknownNamespaces))
	setup, err := stage.Enter(ctx, s.configure.Definitions, s.configure.AdmissionObjects, s.subjects[0].Keep)
	if err != nil {
		return counts, err
	}
	for i, subject := range s.subjects {
		report, err := s.try(ctx, stage, i)
		if err != nil {
			return counts, fmt.Errorf("`%s`: %w", subject.ID, err)
		}
		found := comparison.Compare(comparison.Pair{Subject: subject, Report: report, Verdict: verdicts[i]})
		r.Differences = append(r.Differences, found...)
		counts.add(subject, report, len(found))
	}
	err = s.leave(ctx, stage, setup)
	counts.Seconds = time.Since(begun).Seconds()
	return counts, err
}

// try waits for the definitions of a suite before it tries what comes after them.
func (s suite) try(ctx context.Context, stage *trial.Stage, i int) (*trial.Report, error) {
	if i > 0 && s.subjects[i].Keep && rank(s.subjects[i-1]) < rank(s.subjects[i]) {
		if err := s.established(ctx, stage, i); err != nil {
			return nil, err
		}
	}
	return stage.Try(ctx, s.subjects[i])
}

func (s suite) established(ctx context.Context, stage *trial.Stage, before int) error {
	for _, subject := range s.subjects[:before] {
		if o := look(subject.Manifest); o.Kind == definitionKind {
			if err := stage.Established(ctx, o.Metadata.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// leave empties the cluster for the next suite, last things first.
func (s suite) leave(ctx context.Context, stage *trial.Stage, setup []json.RawMessage) error {
	if s.remain {
		return s.established(ctx, stage, len(s.subjects))
	}
	if err := stage.Exit(ctx, setup); err != nil {
		return err
	}
	for i := len(s.subjects) - 1; i >= 0; i-- {
		if !s.subjects[i].Keep {
			continue
		}
		if err := stage.Remove(ctx, s.subjects[i].Manifest); err != nil {
			return err
		}
	}
	return stage.Leave(ctx)
}

func (c *Counts) add(subject trial.Subject, report *trial.Report, differences int) {
	c.Objects++
	c.Differences += differences
	if subject.Old != nil {
		c.Updates++
	}
	if report.Stored != nil && subject.Old == nil {
		c.Stored++
	}
	if report.Unsent == "" && !report.Unserved && report.Old == nil && report.Accepted() {
		c.Accepted++
	} else {
		c.Refused++
	}
}

func labels(namespaces []verdict.Namespace) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, namespace := range namespaces {
		all[namespace.Name] = namespace.Labels
	}
	return all
}

// unknown labels namespaces that nobody described as offline validation judges them.
func unknown(level *verdict.Level) map[string]string {
	if level == nil {
		return nil
	}
	given := map[string]string{"pod-security.kubernetes.io/enforce": level.Level}
	if level.Version != "" {
		given["pod-security.kubernetes.io/enforce-version"] = level.Version
	}
	return given
}
