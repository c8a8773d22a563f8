package verdict

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// TestTheExamplesOfTheReadmeAreTrue sends its requests and compares its replies field by field.
func TestTheExamplesOfTheReadmeAreTrue(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var requests []request
	var expected []map[string]any
	for _, block := range regexp.MustCompile("(?s)```jsonl\n(.*?)```").FindAllSubmatch(text, -1) {
		for _, line := range strings.Split(strings.TrimSpace(string(block[1])), "\n") {
			var example map[string]any
			decode(t, []byte(line), &example)
			if kind, asks := example["request"].(string); asks {
				requests = append(requests, request{kind, example["body"]})
			} else {
				expected = append(expected, example)
			}
		}
	}
	if len(requests) < 4 || len(requests) != len(expected) {
		t.Fatalf("%d requests and %d replies", len(requests), len(expected))
	}
	for i, got := range serve(t, requests...) {
		var result any
		if len(got.Result) > 0 {
			decode(t, got.Result, &result)
		}
		if !reflect.DeepEqual(result, expected[i]["result"]) || string(got.Outcome) != expected[i]["outcome"] {
			t.Errorf("request %d is answered by %s %s, not %v", i+1, got.Outcome, got.Result, expected[i])
		}
		var problem any
		if data, _ := json.Marshal(got.Error); got.Error != nil {
			decode(t, data, &problem)
		}
		if !reflect.DeepEqual(problem, expected[i]["error"]) {
			t.Errorf("request %d ends with %v, not %v", i+1, problem, expected[i]["error"])
		}
	}
}
