// Package comparison sets what server validation said of an object against what a real server did with it.
//
// It owns what counts as a difference, and the table of those that are explained. It must not ask anybody.
package comparison

import (
	"cmp"
	"fmt"
	"slices"

	"aurora.example/tools/kubernetes/internal/rehearsal/trial"
	"aurora.example/tools/kubernetes/internal/verdict"
)

// Aspect is what the two sides differ in.
type Aspect string

// Every aspect that is compared.
const (
	// FalsePass means that the server refuses what was accepted offline.
	FalsePass Aspect = "false pass"
	// FalseAlarm means that the server takes what was refused offline.
	FalseAlarm Aspect = "false alarm"
	// NotJudged means that there was no verdict offline on what the server decided.
	NotJudged Aspect = "not judged"
	// Words means that both refuse, but name other fields or other reasons.
	Words Aspect = "words"
	// Warnings means that the server sends other warnings.
	Warnings Aspect = "warnings"
	// Stored means that the server stores a field otherwise.
	Stored Aspect = "stored"
	// Drift means that the server keeps or drops a field otherwise than was said.
	Drift Aspect = "drift"
)

// Difference is one thing that the two sides say differently of one subject.
type Difference struct {
	Subject string
	Kind    string
	Aspect  Aspect
	// Pointer is the field, where the difference is one of a field.
	Pointer string
	Offline string
	Server  string
	// Explained is the id of the entry that explains it.
	Explained string
}

// String is the line that the rehearsal prints.
func (d Difference) String() string {
	return fmt.Sprintf("%s: %s: %s: %s offline: %s server: %s", cmp.Or(d.Explained, "UNEXPLAINED"), d.Subject, d.Aspect, d.Pointer, d.Offline, d.Server)
}

// Verdict is what server validation says of one subject.
type Verdict struct {
	// Unjudged is the reason why there is no verdict; then everything else is empty.
	Unjudged string
	verdict.Verdict
}

// Pair is one subject with both answers.
type Pair struct {
	Subject trial.Subject
	Report  *trial.Report
	Verdict Verdict
}

// Compare lists the differences of one subject.
func Compare(p Pair) []Difference {
	c := &comparing{Pair: p}
	switch {
	case p.Report.Unsent != "":
		c.when(c.accepts(), FalsePass, "accepted", "no request can be made: "+p.Report.Unsent)
	case p.Report.Unserved:
		c.when(c.accepts(), FalsePass, "accepted", "the server has no such kind or version")
	case p.Report.Old != nil:
		c.when(c.judgedUpdate(), FalsePass, "the change is judged", "the old object is refused: "+p.Report.Old.Message())
	default:
		c.verdicts()
	}
	slices.SortFunc(c.found, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Aspect, b.Aspect), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Offline, b.Offline), cmp.Compare(a.Server, b.Server))
	})
	return c.found
}

// comparing collects the differences of one pair.
type comparing struct {
	Pair
	found []Difference
}

func (c *comparing) add(d Difference) {
	d.Subject, d.Kind = c.Subject.ID, c.Verdict.Resource.Kind
	c.found = append(c.found, d)
}

func (c *comparing) when(differs bool, aspect Aspect, offline, server string) {
	if differs {
		c.add(Difference{Aspect: aspect, Offline: offline, Server: server})
	}
}

// verdicts compares acceptance first; words and stored forms only mean something where both sides agree on it.
func (c *comparing) verdicts() {
	accepted := c.Report.Accepted()
	switch {
	case c.Verdict.Unjudged != "":
		c.when(accepted, NotJudged, c.Verdict.Unjudged, "accepted")
	case c.accepts() && !accepted:
		aspect := FalsePass
		if len(c.Verdict.NotJudged) > 0 {
			aspect = NotJudged
		}
		c.when(true, aspect, "accepted", c.refusal().Message())
	case !c.accepts() && accepted:
		c.when(true, FalseAlarm, c.words(), "accepted")
	case !accepted:
		c.refusals()
	default:
		c.warnings()
		c.storedForm()
	}
}
