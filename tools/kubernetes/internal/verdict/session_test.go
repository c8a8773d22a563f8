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

	"aurora.example/tools/protocol"
)

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
		}
	}
	if err := yaml.UnmarshalStrict(data, &s); err != nil {
		t.Fatal(err)
	}
	session := newSession(t)
	for _, c := range s.Cases {
		t.Run(c.Name, func(t *testing.T) {
			reply := run(t, session, call(t, "c", "compare", Compare{Before: Source{Object: c.Before}, After: Source{Object: c.After}}))[0]
			result := into[Comparison](t, reply)
			var pointers []string
			for _, d := range result.Differences {
				pointers = append(pointers, shown(d, c.Differences))
			}
			want := Accepted{true, true}
			if c.Accepted != nil {
				want = *c.Accepted
			}
			if reply.Outcome != protocol.Judged || result.Same != c.Same || !slices.Equal(pointers, c.Differences) || result.Accepted != want {
				t.Errorf("%s %+v: %+v", reply.Outcome, reply.Error, result)
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

func TestAComparisonJudgesTheChangeWhereThatIsWanted(t *testing.T) {
	config := func(value, more string) Source {
		return Source{Text: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {k: " + value + "}" + more + "}"}
	}
	gone := Source{Text: "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: a}}"}
	disruption := Source{Text: "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {minAvailable: 1, selector: {}}}"}
	both := []Part{Create, Update}
	for name, c := range map[string]struct {
		asked       Compare
		differences int
		rules       []string
		unstorable  bool
	}{
		"allowed":            {Compare{Before: config("v", ""), After: config("w", ""), Want: both}, 1, nil, false},
		"refused":            {Compare{Before: config("v", ", immutable: true"), After: config("w", ", immutable: true"), Want: both}, 1, []string{"server/update-refused"}, false},
		"a version is gone":  {Compare{Before: disruption, After: gone, Want: both}, 0, []string{"server/not-served"}, true},
		"a version was gone": {Compare{Before: gone, After: disruption, Want: both}, 0, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			reply := run(t, newSession(t), call(t, "c", "compare", c.asked))[0]
			result := into[Comparison](t, reply)
			if reply.Outcome != protocol.Judged || result.Verdict == nil {
				t.Fatalf("%s %+v", reply.Outcome, reply.Error)
			}
			var rules []string
			for _, f := range result.Verdict.Findings {
				rules = append(rules, string(f.Rule))
			}
			if len(result.Differences) != c.differences || !slices.Equal(rules, c.rules) || (result.Unstorable != "") != c.unstorable {
				t.Errorf("%+v %v", result, rules)
			}
		})
	}
	reply := run(t, newSession(t), call(t, "c", "compare", Compare{Before: disruption, After: disruption, Want: []Part{Drift}}))[0]
	if reply.Outcome != protocol.Unjudged || reply.Error.Reason != protocol.ReasonMalformed {
		t.Errorf("%s %+v", reply.Outcome, reply.Error)
	}
}

func TestWhatCannotBeStoredCannotBeCompared(t *testing.T) {
	good := Source{Text: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"}
	for reason, bad := range map[string]string{
		ReasonUnstorable:  "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: a}}",
		ReasonUnknownKind: "{apiVersion: a.example.com/v1, kind: Thing, metadata: {name: a}}",
		ReasonUnreadable:  "[]",
	} {
		reply := run(t, newSession(t), call(t, "c", "compare", Compare{Before: good, After: Source{Text: bad}}))[0]
		if reply.Outcome != protocol.Unjudged || reply.Error.Reason != reason {
			t.Errorf("%s: %s %+v", bad, reply.Outcome, reply.Error)
		}
	}
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

func TestConfigureReportsSkewAndUnusableParts(t *testing.T) {
	for version, skew := range map[string]bool{"1.35": false, "v1.35.9": false, "1.34": true, "2.35": true} {
		reply := run(t, newSession(t), call(t, "c", "configure", Configure{Kubernetes: version}))[0]
		if result := into[Configured](t, reply); result.VersionSkew != skew || len(result.Problems) > 0 {
			t.Errorf("%s: %+v", version, result)
		}
	}
	reply := run(t, newSession(t), protocol.Request{ID: "c", Request: "configure", Body: json.RawMessage(`{
		"kubernetes": "latest", "unknownNamespaces": {"level": "strict"},
		"definitions": [{"kind": "Nothing"}, {"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition"}],
		"admissionObjects": [[], {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "a"}}]}`)})[0]
	var pointers []string
	for _, p := range into[Configured](t, reply).Problems {
		pointers = append(pointers, p.Pointer)
	}
	if want := []string{"/kubernetes", "/unknownNamespaces", "/definitions/0", "/definitions/1", "/admissionObjects/0", "/admissionObjects/1"}; !slices.Equal(pointers, want) {
		t.Errorf("problems at %v", pointers)
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

func TestTheLinkedVersionIsThatOfTheModule(t *testing.T) {
	data, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^\s*k8s.io/kubernetes (v\S+)$`).FindSubmatch(data)
	if match == nil || string(match[1]) != LinkedVersion || !strings.HasPrefix(LinkedVersion, "v"+Linked.String()+".") {
		t.Errorf("go.mod has %s, the program says %s and %s", match[1], LinkedVersion, Linked)
	}
}
