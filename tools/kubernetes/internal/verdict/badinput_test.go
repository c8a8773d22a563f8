package verdict

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aurora.example/tools/kubernetes/internal/builtin"
	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/protocol"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// patience is how long any single bad input may take; it is generous, for slow machines.
const patience = 20 * time.Second

// judgeText judges one text and fails when the answer takes too long.
func judgeText(t *testing.T, session *Session, text string) protocol.Raw {
	t.Helper()
	start := time.Now()
	reply := run(t, session, call(t, "bad", "judge", Judge{Source: Source{Text: text}}))[0]
	if took := time.Since(start); took > patience {
		t.Errorf("took %s", took)
	}
	return reply
}

func TestLongTextIsJudged(t *testing.T) {
	text := func(length int) string {
		return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"` + strings.Repeat("x", length) + `"}}`
	}
	if found := into[Verdict](t, judgeText(t, newSession(t), text(1<<20))).Findings; len(found) != 0 {
		t.Errorf("at the server's limit: %+v", found)
	}
	found := into[Verdict](t, judgeText(t, newSession(t), text(1<<20+1))).Findings
	if len(found) != 1 || found[0].Rule != finding.CreateRefused || !strings.Contains(found[0].Message, "Too long") {
		t.Errorf("%d findings: %+v", len(found), found)
	}
}

func TestTenThousandContainersAreJudged(t *testing.T) {
	containers := make([]string, 10000)
	for i := range containers {
		containers[i] = fmt.Sprintf(`{"name":"c%d","image":"i:1"}`, i)
	}
	text := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n"},"spec":{"containers":[` + strings.Join(containers, ",") + `,{"name":"c0","image":"i:1"}]}}`
	session := configured(t, json.RawMessage(`{"namespaces":[{"name":"n","labels":{"pod-security.kubernetes.io/enforce":"restricted"}}]}`))
	reply := judgeText(t, session, text)
	if reply.Outcome != protocol.Judged {
		t.Fatalf("%s %+v", reply.Outcome, reply.Error)
	}
	found := into[Verdict](t, reply).Findings
	duplicate := func(f finding.Finding) bool { return f.Pointer == "/spec/containers/10000/name" }
	if !slices.ContainsFunc(found, duplicate) || len(found) < 10000 {
		t.Errorf("%d findings", len(found))
	}
}

func TestDeepNestingIsAnswered(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000)
	bottomless := strings.Repeat(`[`, 200000)
	crd := `{"definitions":[{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"kind":"Thing","plural":"things"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}]}`
	session := configured(t, json.RawMessage(crd))
	for name, c := range map[string]struct {
		text    string
		outcome protocol.Outcome
	}{
		"unknown fields":  {`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"extra":` + deep + `}`, protocol.Judged},
		"a free object":   {`{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":` + deep + `}`, protocol.Judged},
		"bottomless JSON": {`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"extra":` + bottomless, protocol.Unjudged},
		"bottomless YAML": {bottomless, protocol.Unjudged},
	} {
		if reply := judgeText(t, session, c.text); reply.Outcome != c.outcome {
			t.Errorf("%s: %s %+v", name, reply.Outcome, reply.Error)
		}
	}
}

func TestABombOfAliasesIsRefused(t *testing.T) {
	lines := []string{"a0: &a0 [x,x,x,x,x,x,x,x,x,x]"}
	for i := 1; i < 9; i++ {
		ref := fmt.Sprintf("*a%d", i-1)
		lines = append(lines, fmt.Sprintf("a%d: &a%d [%s]", i, i, strings.Join([]string{ref, ref, ref, ref, ref, ref, ref, ref, ref, ref}, ",")))
	}
	reply := judgeText(t, newSession(t), strings.Join(lines, "\n"))
	if reply.Outcome != protocol.Unjudged || reply.Error.Reason != ReasonUnreadable {
		t.Errorf("%s %+v", reply.Outcome, reply.Error)
	}
}

// panicking is a strategy that panics on one name, as a defect in the linked code would.
type panicking struct{ builtin.Strategy }

// Canonicalize implements rest.RESTCreateStrategy.
func (panicking) Canonicalize(object runtime.Object) {
	panic("a defect of the linked code")
}

func TestAnObjectOnWhichTheServerPanicsIsUnjudged(t *testing.T) {
	session := newSession(t)
	kind, _ := session.current.Load().table.Find(schema.GroupKind{Kind: "ConfigMap"})
	kind.Strategy = panicking{kind.Strategy}
	replies := run(t, session,
		call(t, "1", "judge", Judge{Source: Source{Text: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"}}),
		call(t, "2", "judge", Judge{Source: Source{Text: "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}"}}))
	if replies[0].Outcome != protocol.Unjudged || replies[0].Error.Reason != protocol.ReasonPanic {
		t.Errorf("%+v", replies[0])
	}
	if replies[1].Outcome != protocol.Judged {
		t.Errorf("the run did not go on: %+v", replies[1])
	}
}

func TestAnObjectOverItsTimeLimitIsUnjudged(t *testing.T) {
	limit := 1
	names := make([]string, 4000)
	for i := range names {
		names[i] = fmt.Sprintf(`{"name":"c%d","image":"i:1","resources":{"limits":{"cpu":"1x"}}}`, i)
	}
	slow := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[` + strings.Join(names, ",") + `]}}`
	replies := run(t, newSession(t), call(t, "c", "configure", Configure{TimeLimitMilliseconds: &limit}),
		call(t, "slow", "judge", Judge{Source: Source{Text: slow}}))
	if replies[1].Outcome != protocol.Unjudged || replies[1].Error.Reason != protocol.ReasonTimeLimit {
		t.Errorf("%+v %+v", replies[1], replies[1].Error)
	}
}
