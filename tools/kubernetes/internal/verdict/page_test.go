package verdict

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/linked"
	"aurora.example/tools/protocol"
)

const page = "../../../../docs/protocol.md"

// block is a fenced example with the line of text before it.
var block = regexp.MustCompile("(?m)^(.*)\n\n```json\n((?:.*\n)+?)```$")

// TestTheExamplesOfTheProtocolPage plays every example and demands the very replies that the page prints.
func TestTheExamplesOfTheProtocolPage(t *testing.T) {
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var requests string
	played, alone := 0, 0
	for _, match := range block.FindAllStringSubmatch(string(data), -1) {
		switch match[1] {
		case "Requests:":
			requests = match[2]
		case "Replies:":
			played++
			got := play(t, requests)
			sameLines(t, got[1:len(got)-1], strings.Split(strings.TrimSpace(match[2]), "\n"))
		default:
			alone++
			decodesAsFrame(t, match[2])
		}
	}
	if played < 6 || alone != 2 {
		t.Errorf("%d transcripts and %d single lines found", played, alone)
	}
}

func play(t *testing.T, requests string) []string {
	t.Helper()
	session := bareSession(t)
	var out bytes.Buffer
	if err := protocol.Serve(context.Background(), session.Program("development"), strings.NewReader(requests), &out); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d replies, the page has %d", len(got), len(want))
		return
	}
	for i := range got {
		var a, b any
		if json.Unmarshal([]byte(got[i]), &a) != nil || json.Unmarshal([]byte(want[i]), &b) != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("the page says\n%s\nthe program\n%s", want[i], got[i])
		}
		decodesAsReply(t, want[i])
	}
}

// decodesAsReply refuses fields that the program's types do not have.
func decodesAsReply(t *testing.T, line string) {
	t.Helper()
	var reply protocol.Raw
	strictly(t, line, &reply)
	results := map[string]any{"configure": &Configured{}, "judge": &Verdict{}, "compare": &Comparison{}}
	if result, ok := results[reply.Reply.Reply]; ok && len(reply.Result) > 0 {
		strictly(t, string(reply.Result), result)
	}
}

func decodesAsFrame(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, `"hello"`) {
		var hello protocol.Hello
		strictly(t, text, &hello)
		if hello.Kubernetes != linked.Version || hello.Protocol != protocol.Version || len(hello.Requests) != len(newSession(t).Program("").Kinds) {
			t.Errorf("hello of the page: %+v", hello)
		}
		return
	}
	strictly(t, text, &protocol.Summary{})
}

func strictly(t *testing.T, text string, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

// TestThePageNamesEveryRuleAndField keeps the tables of the page complete.
func TestThePageNamesEveryRuleAndField(t *testing.T) {
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("../finding/finding.go")
	if err != nil {
		t.Fatal(err)
	}
	rules := regexp.MustCompile(`Rule = "([^"]+)"`).FindAllSubmatch(source, -1)
	if len(rules) < 15 {
		t.Fatalf("%d rules found", len(rules))
	}
	for _, rule := range rules {
		if !bytes.Contains(data, []byte("`"+string(rule[1])+"`")) {
			t.Errorf("the page does not explain `%s`", rule[1])
		}
	}
	for _, typ := range []any{finding.Finding{}, Configure{}, Verdict{}, Comparison{}} {
		shape := reflect.TypeOf(typ)
		for i := range shape.NumField() {
			name, _, _ := strings.Cut(shape.Field(i).Tag.Get("json"), ",")
			if name != "" && !bytes.Contains(data, []byte("`"+name+"`")) {
				t.Errorf("the page does not explain `%s` of %s", name, shape.Name())
			}
		}
	}
}
