package verdict

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// own are the validating policies of this project that judge pods.
var own = []string{"disallow-latest-tag", "require-mlops-labels", "require-resource-limits", "restrict-image-registries"}

// ownPolicy reads a policy of this project as text.
func ownPolicy(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "policies", name, "policy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// BenchmarkJudge judges one Deployment under four policies in every round.
func BenchmarkJudge(b *testing.B) {
	session, err := NewSession()
	if err != nil {
		b.Fatal(err)
	}
	var policies []any
	for _, name := range own {
		policies = append(policies, ownPolicy(b, name))
	}
	body, _ := json.Marshal(with(policies...))
	if _, err := session.configure(context.Background(), body); err != nil {
		b.Fatal(err)
	}
	container := `{"name":"c","image":"registry.example.com/a:1","resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"memory":"1Gi"}}}`
	object := fmt.Sprintf(`{"object":{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a","namespace":"ml"},`+
		`"spec":{"template":{"metadata":{"labels":{}},"spec":{"containers":[%s,%s]}}}}}`, container, container)
	for b.Loop() {
		result, err := session.judge(context.Background(), json.RawMessage(object))
		if err != nil || len(result.(*Verdict).Results) != len(own) {
			b.Fatalf("%v %v", result, err)
		}
	}
}
