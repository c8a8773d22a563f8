package verdict

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/linked"
	"aurora.example/tools/protocol"
	"aurora.example/tools/protocol/transcript"
)

func TestTranscripts(t *testing.T) {
	data, err := os.ReadFile("testdata/transcripts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var transcripts []transcript.Transcript
	if err := yaml.UnmarshalStrict(data, &transcripts); err != nil {
		t.Fatal(err)
	}
	for _, played := range transcripts {
		if found, err := played.Differences(t.Context(), newSession(t).Program("test")); err != nil || len(found) > 0 {
			t.Errorf("%v %q", err, found)
		}
	}
}

func TestManifestsMeanTheSameWhenTheyAreStoredAlike(t *testing.T) {
	data, err := os.ReadFile("testdata/compare.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Cases []struct {
			Name          string
			Before, After json.RawMessage
			Same          bool
			Differences   []string
			Accepted      *Accepted
			Want          []Part
			Rules         []string
			Unstorable    bool
			Reason        string
		}
	}
	if err := yaml.UnmarshalStrict(data, &s); err != nil {
		t.Fatal(err)
	}
	session := newSession(t)
	for _, c := range s.Cases {
		t.Run(c.Name, func(t *testing.T) {
			reply := run(t, session, call(t, "c", "compare", Compare{Before: Source{Object: c.Before}, After: Source{Object: c.After}, Want: c.Want}))[0]
			if c.Reason != "" {
				if reply.Outcome != protocol.Unjudged || reply.Error.Reason != c.Reason {
					t.Errorf("%s %+v", reply.Outcome, reply.Error)
				}
				return
			}
			result := into[Comparison](t, reply)
			var pointers, rules []string
			for _, d := range result.Differences {
				pointers = append(pointers, shown(d, c.Differences))
			}
			if result.Verdict != nil {
				for _, f := range result.Verdict.Findings {
					rules = append(rules, string(f.Rule))
				}
			}
			accepted := c.Accepted == nil && result.Accepted == Accepted{true, true} || c.Accepted != nil && result.Accepted == *c.Accepted
			if reply.Outcome != protocol.Judged || result.Same != c.Same || !slices.Equal(pointers, c.Differences) || !accepted ||
				!slices.Equal(rules, c.Rules) || (result.Unstorable != "") != c.Unstorable || (result.Verdict != nil) != (c.Want != nil) {
				t.Errorf("%s %+v: %+v %v", reply.Outcome, reply.Error, result, rules)
			}
		})
	}
}

// shown writes a difference as the cases do: its pointer, and in those about paths the path too.
func shown(d Difference, wanted []string) string {
	if !strings.Contains(strings.Join(wanted, ""), " ") {
		return d.Pointer
	}
	if d.Reordered {
		return d.Pointer + " " + d.Path + " reordered"
	}
	return d.Pointer + " " + d.Path
}

func TestANamespaceSaysWhatItHasAndWhatItCouldHave(t *testing.T) {
	pod := func(name, namespace, spec string) json.RawMessage {
		return json.RawMessage(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"` + name + `","namespace":"` + namespace + `"},"spec":` + spec + `}`)
	}
	restricted := `{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"a","image":"i:1","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}`
	almost := strings.Replace(restricted, `"allowPrivilegeEscalation":false,`, "", 1)
	host := strings.Replace(restricted, `{"securityContext"`, `{"hostNetwork":true,"securityContext"`, 1)
	session := configured(t, json.RawMessage(`{}`))
	replies := run(t, session,
		call(t, "0", "configure", json.RawMessage(`{"namespaces":[{"name":"empty"},{"name":"middle","labels":{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/enforce-version":"v1.30"}},{"name":"good"}]}`)),
		call(t, "1", "judge", Judge{Source: Source{Object: pod("a", "good", restricted)}}),
		call(t, "2", "judge", Judge{Source: Source{Object: pod("b", "middle", restricted)}}),
		call(t, "3", "judge", Judge{Source: Source{Object: pod("c", "middle", almost)}}),
		call(t, "4", "judge", Judge{Source: Source{Object: pod("d", "unknown", host)}}))
	levels := into[Configured](t, replies[0]).Levels
	var names []string
	for _, n := range levels {
		names = append(names, n.Namespace)
	}
	if !slices.Equal(names, []string{"empty", "good", "middle"}) {
		t.Errorf("described: %v", names)
	}
	for _, reply := range replies[1:] {
		levels = append(levels, *into[Verdict](t, reply).Level)
	}
	got := map[string]string{}
	for i, n := range levels {
		if n.Pods != min(i/len(names), 1) {
			t.Errorf("%s has %d pods", n.Namespace, n.Pods)
		}
		got[n.Namespace] = n.Level + " could be " + n.Highest
		for _, b := range n.Blockers {
			got[n.Namespace] += "; " + b.Resource + " " + b.Check + " " + b.Blocks + " " + b.Pointer
		}
		if known := n.Namespace != "unknown"; n.Known != known {
			t.Errorf("%s known: %v", n.Namespace, n.Known)
		}
	}
	want := map[string]string{
		"empty":   "privileged could be restricted",
		"good":    "privileged could be restricted",
		"middle":  "baseline could be baseline; Pod/c allowPrivilegeEscalation restricted /spec/containers/0/securityContext/allowPrivilegeEscalation",
		"unknown": "privileged could be privileged; Pod/d hostNamespaces baseline /spec/hostNetwork",
	}
	for name, line := range want {
		if got[name] != line {
			t.Errorf("%s: %s", name, got[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("namespaces %v", got)
	}
}

func TestResetForgets(t *testing.T) {
	session := configured(t, json.RawMessage(`{"namespaces":[{"name":"a"}]}`))
	replies := run(t, session, call(t, "c", "configure", Configure{Reset: true}))
	if n := into[Configured](t, replies[0]).Levels; len(n) != 0 {
		t.Errorf("still knows %+v", n)
	}
}

func TestADefinitionFileIsReadOnlyWhenAnObjectNeedsIt(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "things.yaml")
	session := newSession(t)
	files, _ := json.Marshal(map[string]any{"definitionFiles": []map[string]string{
		{"path": path, "group": "example.com", "kind": "Thing"}, {"path": filepath.Join(folder, "absent.json"), "group": "example.com", "kind": "Absent"},
	}})
	if reply := run(t, session, protocol.Request{ID: "c", Request: "configure", Body: files})[0]; reply.Outcome != protocol.Done {
		t.Fatalf("%+v", reply.Error)
	}
	definition := `# two documents in one file
apiVersion: v1
kind: ConfigMap
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {group: example.com, scope: Namespaced, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, required: [a], properties: {a: {type: string}}}}}}}]}
`
	if err := os.WriteFile(path, []byte(definition), 0o600); err != nil {
		t.Fatal(err)
	}
	replies := run(t, session,
		call(t, "1", "judge", Judge{Source: Source{Text: "{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}, spec: {}}"}}),
		call(t, "2", "judge", Judge{Source: Source{Text: "{apiVersion: example.com/v1, kind: Absent, metadata: {name: a}}"}}))
	if found := into[Verdict](t, replies[0]).Findings; len(found) != 1 || found[0].Pointer != "/spec/a" {
		t.Errorf("findings %+v", found)
	}
	if replies[1].Outcome != protocol.Unjudged || replies[1].Error.Reason != ReasonDefinition {
		t.Errorf("%s %+v", replies[1].Outcome, replies[1].Error)
	}
}

func TestTheLinkedVersionIsThatOfAModule(t *testing.T) {
	of := "../../versions/" + Linked.String() + "/go.mod"
	if _, err := os.Stat(of); err != nil {
		of = "../../go.mod"
	}
	data, err := os.ReadFile(of)
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^\s*k8s.io/kubernetes (v\S+)$`).FindSubmatch(data)
	if match == nil || string(match[1]) != linked.Version || !strings.HasPrefix(linked.Version, "v"+Linked.String()+".") {
		t.Errorf("%s has %s, the program says %s and %s", of, match, linked.Version, Linked)
	}
}
