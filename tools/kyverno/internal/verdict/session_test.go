package verdict

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"aurora.example/tools/protocol"
)

func TestNothingIsJudgedBeforePoliciesAreConfigured(t *testing.T) {
	t.Parallel()
	replies := serve(t, request{"judge", configMap(nil)},
		request{"configure", map[string]any{"namespaces": []any{map[string]any{"name": "ml"}}}}, request{"judge", configMap(nil)})
	for _, i := range []int{0, 2} {
		if r := replies[i]; r.Outcome != protocol.Unjudged || r.Error.Reason != ReasonUnconfigured {
			t.Fatalf("request %d: %s %+v", i, r.Outcome, r.Error)
		}
	}
}

func TestASectionThatIsPresentReplacesWhatWasThere(t *testing.T) {
	t.Parallel()
	replies := serve(t,
		request{"configure", with(validating("first", "true"))}, request{"judge", configMap(nil)},
		request{"configure", map[string]any{"policies": []any{validating("second", "false")}}}, request{"judge", configMap(nil)},
		request{"configure", map[string]any{"exceptions": []any{map[string]any{
			"apiVersion": "policies.kyverno.io/v1", "kind": "PolicyException", "metadata": map[string]any{"name": "e"},
			"spec": map[string]any{"policyRefs": []any{map[string]any{"name": "second", "kind": "ValidatingPolicy"}}},
		}}}}, request{"judge", configMap(nil)},
		request{"configure", map[string]any{"namespaces": []any{}}}, request{"judge", configMap(nil)},
	)
	if got := only(t, replies[1]); got.Policy != "first" || got.Result != Pass {
		t.Fatalf("%+v", got)
	}
	if got := only(t, replies[3]); got.Policy != "second" || got.Result != Fail {
		t.Fatalf("%+v", got)
	}
	if got := only(t, replies[5]); got.Skipped != "exception" || got.Exceptions[0] != "e" {
		t.Fatalf("%+v", got)
	}
	if r := replies[7]; r.Error == nil || r.Error.Reason != ReasonUnknownNamespace {
		t.Fatalf("%s %+v", r.Outcome, r.Error)
	}
}

func TestBadConfigurationsChangeNothing(t *testing.T) {
	t.Parallel()
	resource := func(plural string) map[string]any {
		return map[string]any{"group": "example.com", "version": "v1", "kind": "Thing", "plural": plural}
	}
	bad := map[string]map[string]any{
		"unknown section":         {"polices": []any{}},
		"namespace without name":  {"namespaces": []any{map[string]any{"labels": map[string]any{}}}},
		"namespace twice":         {"namespaces": []any{map[string]any{"name": "a"}, map[string]any{"name": "a"}}},
		"resource without plural": {"resources": []any{resource("")}},
		"contradicting resources": {"resources": []any{resource("things"), resource("thingses")}},
	}
	for name, body := range bad {
		replies := serve(t, request{"configure", with(validating("first", "true"))}, request{"configure", body}, request{"judge", configMap(nil)})
		if r := replies[1]; r.Outcome != protocol.Unjudged || r.Error.Reason != protocol.ReasonMalformed {
			t.Errorf("%s: %s %+v", name, r.Outcome, r.Error)
		}
		if got := only(t, replies[2]); got.Result != Pass {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTheProgramSaysWhichKyvernoIsLinked(t *testing.T) {
	t.Parallel()
	module, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`(?m)^\t` + regexp.QuoteMeta(kyvernoModule) + ` (v\S+)$`).FindSubmatch(module)
	if pinned == nil {
		t.Fatal("go.mod does not pin Kyverno directly")
	}
	// A test binary has no list of modules, so that only a build can be compared.
	if linked := LinkedKyverno(); linked != string(pinned[1]) && linked != "unknown" {
		t.Fatalf("linked is %s, pinned is %s", linked, pinned[1])
	}
}
