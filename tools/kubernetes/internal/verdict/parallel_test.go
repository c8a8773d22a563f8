package verdict

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"aurora.example/tools/kubernetes/internal/corpus"
	"aurora.example/tools/protocol"
)

func readSuite(t *testing.T, name string) corpus.Suite {
	t.Helper()
	suite, err := corpus.ReadFile("testdata/judge/" + name + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

// TestManyObjectsAtOnceGetTheSameAnswersEveryTime judges built-in and custom kinds side by side; run it with the
// race detector after a change of shared state.
func TestManyObjectsAtOnceGetTheSameAnswersEveryTime(t *testing.T) {
	custom, pods, policies := readSuite(t, "custom"), readSuite(t, "podsecurity"), readSuite(t, "admission")
	requests := []protocol.Request{}
	for i, configure := range []json.RawMessage{custom.Configure, pods.Configure, policies.Configure} {
		requests = append(requests, protocol.Request{ID: fmt.Sprint("configure ", i), Request: "configure", Body: configure})
	}
	for round := range 5 {
		for _, s := range []corpus.Suite{custom, pods, policies, readSuite(t, "create"), readSuite(t, "update")} {
			for i, c := range s.Cases {
				body := Judge{Source: Source{Object: c.Manifest, Text: c.Text}}
				if len(c.Old) > 0 {
					body.Old = &Source{Object: c.Old}
				}
				requests = append(requests, call(t, fmt.Sprint(round, " ", i, " ", c.Name), "judge", body))
			}
		}
	}
	first, second := run(t, newSession(t), requests...), run(t, newSession(t), requests...)
	if len(first) < 500 {
		t.Errorf("only %d replies", len(first))
	}
	for i := range first {
		if !reflect.DeepEqual(first[i], second[i]) {
			t.Errorf("%s: two runs say\n%s\n%s", first[i].ID, show(first[i]), show(second[i]))
		}
	}
}
