package verdict

import (
	"fmt"
	"strings"
	"testing"

	apicel "k8s.io/apiserver/pkg/apis/cel"

	"aurora.example/tools/kyverno/internal/policy"
	"aurora.example/tools/protocol"
)

// validating makes a policy of ConfigMaps with one expression.
func validating(name, expression string) map[string]any {
	return map[string]any{
		"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy",
		"metadata": map[string]any{"name": name},
		"spec": map[string]any{
			"matchConstraints": map[string]any{"resourceRules": []any{map[string]any{
				"apiGroups": []any{""}, "apiVersions": []any{"v1"}, "operations": []any{"CREATE"}, "resources": []any{"configmaps"},
			}}},
			"validations": []any{map[string]any{"expression": expression}},
		},
	}
}

// with is a body of `configure` with policies and the namespace `ml`.
func with(policies ...any) map[string]any {
	return map[string]any{"policies": policies, "namespaces": []any{map[string]any{"name": "ml"}}}
}

func configMap(data map[string]any) map[string]any {
	return map[string]any{"object": map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a", "namespace": "ml"}, "data": data,
	}}
}

func only(t *testing.T, r reply) Result {
	t.Helper()
	var verdict Verdict
	decode(t, done(t, r), &verdict)
	if len(verdict.Results) != 1 {
		t.Fatalf("results %+v", verdict.Results)
	}
	return verdict.Results[0]
}

func TestExceedingTheCostLimitIsAnError(t *testing.T) {
	t.Parallel()
	side := 1
	for side*side < apicel.PerCallLimit {
		side++
	}
	many := make(map[string]any, side)
	for i := range side {
		many[fmt.Sprintf("k%d", i)] = "v"
	}
	costly := "object.data.all(a, object.data.all(b, a + b != '' ))"
	replies := serve(t, request{"configure", with(validating("costly", costly))}, request{"judge", configMap(many)},
		request{"judge", configMap(map[string]any{"k": "v"})})
	if got := only(t, replies[1]); got.Result != Error || !strings.Contains(got.Message, "cost limit exceeded") {
		t.Fatalf("costly object: %+v", got)
	}
	if got := only(t, replies[2]); got.Result != Pass {
		t.Fatalf("cheap object: %+v", got)
	}
}

func TestAnExpressionOfJustUnderTheSizeLimitIsJudgedAndOneAboveIsRefused(t *testing.T) {
	t.Parallel()
	const limit = 100_000
	sized := func(size int) string {
		const frame = "object.metadata.name != ''"
		return frame[:len(frame)-1] + strings.Repeat("x", size-len(frame)) + "'"
	}
	replies := serve(t, request{"configure", with(validating("fits", sized(limit)), validating("exceeds", sized(limit+1)))},
		request{"judge", configMap(nil)})
	var configured Configured
	decode(t, done(t, replies[0]), &configured)
	if len(configured.Refused) != 1 || configured.Refused[0].Name != "exceeds" || configured.Refused[0].Reason != policy.Uncompilable {
		t.Fatalf("refused %+v", configured.Refused)
	}
	if message := configured.Refused[0].Message; !strings.Contains(message, "exceeds limit") || len(message) > 1000 {
		t.Fatalf("message of %d bytes: %.200s", len(message), message)
	}
	if got := only(t, replies[1]); got.Policy != "fits" || got.Result != Pass {
		t.Fatalf("result %+v", got)
	}
}

func TestARefusalOfALongBrokenExpressionIsShort(t *testing.T) {
	t.Parallel()
	configured := configure(t, with(validating("broken", strings.Repeat("x", 90_000)+" == 1")))
	if len(configured.Refused) != 1 || len(configured.Refused[0].Message) > 2000 {
		t.Fatalf("refused %+v", configured.Refused)
	}
	if m := configured.Refused[0].Message; !strings.Contains(m, "undeclared reference") || !strings.Contains(m, "characters more") {
		t.Fatalf("message %q", m)
	}
}

func TestDeepNestingIsRefusedAndDoesNotEndTheProgram(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("(", 20_000) + "true" + strings.Repeat(")", 20_000)
	list := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + ".size() == 1"
	configured := configure(t, with(validating("deep", deep), validating("list", list)))
	if len(configured.Refused) != 2 || len(configured.Policies) != 0 {
		t.Fatalf("%+v", configured)
	}
}

func TestTheTimeLimitLeavesAnObjectUnjudged(t *testing.T) {
	t.Parallel()
	many := map[string]any{}
	for i := range 400 {
		many[fmt.Sprintf("k%d", i)] = strings.Repeat("v", 200)
	}
	var policies []any
	for i := range 60 {
		policies = append(policies, validating(fmt.Sprintf("slow-%d", i), "object.data.all(a, object.data.all(b, object.data[b].contains('v')))"))
	}
	body := with(policies...)
	body["timeLimitMilliseconds"] = 1
	replies := serve(t, request{"configure", body}, request{"judge", configMap(many)})
	if r := replies[1]; r.Outcome != protocol.Unjudged || r.Error.Reason != protocol.ReasonTimeLimit {
		t.Fatalf("%s %+v", r.Outcome, r.Error)
	}
}
