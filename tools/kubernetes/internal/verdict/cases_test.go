package verdict

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"aurora.example/tools/kubernetes/internal/corpus"
	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/kinds"
	"aurora.example/tools/protocol"
)

// judgeCase is a case of the corpus with what a test does to it.
type judgeCase struct{ corpus.Case }

func matches(e corpus.Expected, f finding.Finding) bool {
	return finding.Rule(e.Rule) == f.Rule && f.Pointer == e.Pointer && strings.Contains(f.Message, e.Message) &&
		(e.Severity == "" || finding.Severity(e.Severity) == f.Severity) && (e.Expression == "" || e.Expression == f.Expression) &&
		(e.Check == "" || e.Check == f.Check) && (e.Policy == "" || e.Policy == f.Policy) && (e.Apply == "" || e.Apply == f.Apply)
}

// run sends requests through the protocol's own loop, as a client would.
func run(t *testing.T, session *Session, requests ...protocol.Request) []protocol.Raw {
	t.Helper()
	replies, err := protocol.Ask(t.Context(), session.Program("test"), requests...)
	if err != nil {
		t.Fatal(err)
	}
	for i, reply := range replies {
		if reply.ID != requests[i].ID {
			t.Fatalf("reply %d is for %q", i, reply.ID)
		}
	}
	return replies
}

func call(t *testing.T, id, name string, body any) protocol.Request {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return protocol.Request{ID: id, Request: name, Body: raw}
}

// into reads the result of a reply.
func into[T any](t *testing.T, reply protocol.Raw) T {
	t.Helper()
	var result T
	if err := json.Unmarshal(reply.Result, &result); err != nil {
		t.Fatal(err)
	}
	return result
}

// bareSession knows what it knows at its start; no pods are among it.
func bareSession(t *testing.T) *Session {
	t.Helper()
	session, err := NewSession()
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// newSession knows the pods of the repository's table of kinds.
func newSession(t *testing.T) *Session {
	t.Helper()
	session := bareSession(t)
	pods, err := kinds.Pods("../../../../cli/aurora/kinds")
	if err != nil {
		t.Fatal(err)
	}
	session.current.Load().add(&Configure{Pods: pods}, &Configured{})
	return session
}

func configured(t *testing.T, configure json.RawMessage) *Session {
	t.Helper()
	session := newSession(t)
	if len(configure) > 0 {
		reply := run(t, session, protocol.Request{ID: "c", Request: "configure", Body: configure})[0]
		if reply.Outcome != protocol.Done {
			t.Fatalf("configure: %+v", reply.Error)
		}
		if problems := into[Configured](t, reply).Problems; len(problems) > 0 {
			t.Fatalf("configure: %+v", problems)
		}
	}
	return session
}

// TestCases judges every case of testdata/judge.
func TestCases(t *testing.T) {
	suites, err := corpus.Read("testdata/judge")
	if err != nil || len(suites) < 8 {
		t.Fatalf("%d suites: %v", len(suites), err)
	}
	for _, name := range []string{"kept", "limits", "parameters", "services"} {
		suite, err := corpus.ReadFile("testdata/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		suites = append(suites, suite)
	}
	for _, s := range suites {
		session := configured(t, s.Configure)
		for _, c := range s.Cases {
			t.Run(s.Name+"/"+c.Name, func(t *testing.T) { judgeCase{c}.check(t, session) })
		}
	}
}

func (c judgeCase) check(t *testing.T, session *Session) {
	body := Judge{Source: Source{Object: c.Manifest, Text: c.Text}}
	for _, part := range c.Want {
		body.Want = append(body.Want, Part(part))
	}
	if len(c.Old) > 0 {
		body.Old = &Source{Object: c.Old}
	}
	reply := run(t, session, call(t, "case", "judge", body))[0]
	if c.Reason != "" {
		if reply.Outcome != protocol.Unjudged || reply.Error.Reason != c.Reason {
			t.Fatalf("outcome %s %+v", reply.Outcome, reply.Error)
		}
		return
	}
	if reply.Outcome != protocol.Judged {
		t.Fatalf("outcome %s %+v", reply.Outcome, reply.Error)
	}
	verdict := into[Verdict](t, reply)
	c.checkFindings(t, verdict.Findings)
	c.checkNotJudged(t, verdict.NotJudged)
	if c.Stored != nil && !contains(verdict.Stored, c.Stored) {
		t.Errorf("stored is %v", show(verdict.Stored))
	}
	if c.Assigned != nil && !slices.Equal(c.Assigned, verdict.Assigned) {
		t.Errorf("assigned is %v", verdict.Assigned)
	}
}

func (c judgeCase) checkFindings(t *testing.T, found []finding.Finding) {
	t.Helper()
	rest := slices.Clone(found)
	for _, e := range c.Findings {
		i := slices.IndexFunc(rest, func(f finding.Finding) bool { return matches(e, f) })
		if i < 0 {
			t.Errorf("missing %+v", e)
			continue
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, f := range rest {
		t.Errorf("unexpected %s", show(f))
	}
}

func (c judgeCase) checkNotJudged(t *testing.T, not []NotJudged) {
	t.Helper()
	if len(not) != len(c.NotJudged) {
		t.Errorf("not judged: %+v", not)
		return
	}
	for i, n := range not {
		if !strings.Contains(string(n.Part)+": "+n.Why, c.NotJudged[i]) {
			t.Errorf("not judged: %+v, want %q", n, c.NotJudged[i])
		}
	}
}

// contains reports whether every field of part is in whole.
func contains(whole, part any) bool {
	p, ok := part.(map[string]any)
	if !ok {
		return show(whole) == show(part)
	}
	w, ok := whole.(map[string]any)
	if !ok {
		return false
	}
	for key, value := range p {
		if !contains(w[key], value) {
			return false
		}
	}
	return true
}

func show(value any) string {
	data, _ := json.Marshal(value)
	return string(data)
}
