package comparison

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/rehearsal/client"
	"aurora.example/tools/kubernetes/internal/rehearsal/trial"
	"aurora.example/tools/kubernetes/internal/verdict"
)

const manifest = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}`

func taken(warnings ...string) *client.Answer {
	return &client.Answer{Warnings: warnings}
}

func refusedFor(field, message string) *client.Answer {
	return &client.Answer{Status: &metav1.Status{
		Reason: metav1.StatusReasonInvalid, Message: message,
		Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Field: field, Message: message}}},
	}}
}

func said(kind string, findings ...finding.Finding) Verdict {
	return Verdict{Verdict: verdict.Verdict{
		Resource: verdict.Resource{Kind: kind}, Judged: []verdict.Part{verdict.Create}, Findings: findings,
		Stored: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"k": "v"}},
	}}
}

func refusal(message string) finding.Finding {
	return finding.Finding{Rule: finding.CreateRefused, Severity: finding.Error, Message: message}
}

func kept(value string) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]any{"k": value},
		"metadata": map[string]any{"name": "a", "uid": "1", "resourceVersion": "5", "managedFields": []any{}},
	}
}

// TestEveryKindOfDifferenceIsFound plants one difference at a time; the first rows are agreements.
func TestEveryKindOfDifferenceIsFound(t *testing.T) {
	enforced := finding.Finding{Rule: finding.PodEnforce, Severity: finding.Error, Message: `violates PodSecurity "baseline:latest": privileged (container "a" must not)`}
	warned := finding.Finding{Rule: finding.ServerWarning, Severity: finding.Warning, Message: "old"}
	dropped := finding.Finding{Rule: finding.Drift, Severity: finding.Warning, Pointer: "/data/k", Message: "the server drops the field"}
	for name, c := range map[string]struct {
		report  trial.Report
		verdict Verdict
		aspects []Aspect
	}{
		"both accept":        {trial.Report{Create: taken(), Apply: taken(), Stored: kept("v")}, said("ConfigMap"), nil},
		"both refuse":        {trial.Report{Create: refusedFor("a", "b"), Apply: refusedFor("a", "b")}, said("ConfigMap", refusal("a: b")), nil},
		"no such kind":       {trial.Report{Unserved: true}, said("X", refusal("x")), nil},
		"a workload warned":  {trial.Report{Create: taken(`would violate PodSecurity "baseline:latest": privileged (x)`), Apply: taken()}, said("Deployment", enforced), nil},
		"false pass":         {trial.Report{Create: refusedFor("a", "b"), Apply: refusedFor("a", "b")}, said("ConfigMap"), []Aspect{FalsePass}},
		"apply alone fails":  {trial.Report{Create: taken(), Apply: refusedFor("a", "b")}, said("ConfigMap"), []Aspect{FalsePass}},
		"unserved accepted":  {trial.Report{Unserved: true}, said("X"), []Aspect{FalsePass}},
		"a pod let through":  {trial.Report{Create: taken(), Apply: taken()}, said("Pod", enforced), []Aspect{FalseAlarm}},
		"false alarm":        {trial.Report{Create: taken(), Apply: taken()}, said("ConfigMap", refusal("x")), []Aspect{FalseAlarm}},
		"not judged":         {trial.Report{Create: taken(), Apply: taken()}, Verdict{Unjudged: "panic: x"}, []Aspect{NotJudged}},
		"other words":        {trial.Report{Create: refusedFor("a", "b"), Apply: refusedFor("a", "b")}, said("ConfigMap", refusal("a: c")), []Aspect{Words, Words}},
		"a warning too few":  {trial.Report{Create: taken("old"), Apply: taken(), Stored: kept("v")}, said("ConfigMap"), []Aspect{Warnings}},
		"a warning too many": {trial.Report{Create: taken(), Apply: taken(), Stored: kept("v")}, said("ConfigMap", warned), []Aspect{Warnings}},
		"an unwarned pod":    {trial.Report{Create: taken(), Apply: taken()}, said("Deployment", enforced), []Aspect{Warnings}},
		"another value":      {trial.Report{Create: taken(), Apply: taken(), Stored: kept("w")}, said("ConfigMap"), []Aspect{Stored}},
		"drift not there":    {trial.Report{Create: taken(), Apply: taken(), Stored: kept("v")}, said("ConfigMap", dropped), []Aspect{Drift}},
		"drift not said":     {trial.Report{Create: taken(), Apply: taken(), Stored: map[string]any{"kind": "ConfigMap"}}, Verdict{Verdict: verdict.Verdict{Stored: map[string]any{"kind": "ConfigMap"}}}, []Aspect{Drift, Drift, Drift}},
	} {
		var aspects []Aspect
		for _, d := range Compare(Pair{Subject: trial.Subject{ID: name, Manifest: []byte(manifest)}, Report: &c.report, Verdict: c.verdict}) {
			aspects = append(aspects, d.Aspect)
		}
		if !slices.Equal(aspects, c.aspects) {
			t.Errorf("%s: %v, not %v", name, aspects, c.aspects)
		}
	}
}

func TestARefusedOldObjectNeedsNoJudgedChange(t *testing.T) {
	report := trial.Report{Old: refusedFor("a", "b")}
	without := said("ConfigMap")
	with := said("ConfigMap")
	with.Judged = append(with.Judged, verdict.Update)
	if found := Compare(Pair{Report: &report, Verdict: without}); len(found) != 0 {
		t.Errorf("%v", found)
	}
	if found := Compare(Pair{Report: &report, Verdict: with}); len(found) != 1 || found[0].Aspect != FalsePass {
		t.Errorf("%v", found)
	}
}

func TestWhatVariesBetweenRunsIsNoDifference(t *testing.T) {
	one := "uid 11111111-2222-4333-8444-555555555555\n@@ -94,7 +94,7 @@\u00a0x"
	other := "uid 99999999-2222-4333-8444-555555555555 @@ -6,7 +6,7 @@ x"
	if plain(one) != plain(other) {
		t.Errorf("%q %q", plain(one), plain(other))
	}
}
