package verdict

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aurora.example/tools/protocol"
)

// scenario is a file in testdata/cases: what is configured, what is refused, and what is said of which object.
type scenario struct {
	// Claim is the fact that the file shows.
	Claim     string            `json:"claim"`
	Configure map[string]any    `json:"configure"`
	Refused   []expectedRefusal `json:"refused"`
	// InUse maps a policy to what `configure` says of it.
	InUse map[string]expectedUse `json:"inUse"`
	Judge []expectedVerdict      `json:"judge"`
}

type expectedRefusal struct {
	Pointer  string `json:"pointer"`
	Name     string `json:"name"`
	Reason   string `json:"reason"`
	Field    string `json:"field"`
	Contains string `json:"contains"`
}

type expectedUse struct {
	Autogen          []string `json:"autogen"`
	Reads            []string `json:"reads"`
	UnknownResources []string `json:"unknownResources"`
	Exceptions       []string `json:"exceptions"`
}

type expectedVerdict struct {
	// Body is the body of `judge`.
	Body map[string]any `json:"body"`
	// Results are written `policy[/rule][+copy]: outcome`, with the rest of the message after a second colon, if it matters.
	Results   []string `json:"results"`
	Unmatched []string `json:"unmatched"`
	// Error is the reason for which there is no verdict.
	Error string `json:"error"`
}

func TestCases(t *testing.T) {
	for _, path := range files(t, "cases/*.yaml") {
		t.Run(stem(path), func(t *testing.T) {
			t.Parallel()
			var s scenario
			load(t, path, &s)
			if s.Claim == "" || len(s.Refused)+len(s.Judge)+len(s.InUse) == 0 {
				t.Fatal("the file claims or shows nothing")
			}
			s.run(t)
		})
	}
}

func (s scenario) run(t *testing.T) {
	requests := []request{{"configure", s.Configure}}
	for _, j := range s.Judge {
		requests = append(requests, request{"judge", j.Body})
	}
	replies := serve(t, requests...)
	var configured Configured
	decode(t, done(t, replies[0]), &configured)
	s.compareRefused(t, configured)
	for name, expected := range s.InUse {
		expected.compare(t, name, configured)
	}
	for i, expected := range s.Judge {
		expected.compare(t, i, replies[i+1])
	}
}

func (s scenario) compareRefused(t *testing.T, configured Configured) {
	if len(configured.Refused) != len(s.Refused) {
		for _, r := range configured.Refused {
			t.Logf("refused: %+v", *r)
		}
		t.Fatalf("%d entries are refused, not %d", len(configured.Refused), len(s.Refused))
	}
	for i, expected := range s.Refused {
		got := configured.Refused[i]
		said := expectedRefusal{got.Pointer, got.Name, string(got.Reason), got.Field, expected.Contains}
		if said != expected || !strings.Contains(got.Message, expected.Contains) || got.Message == "" {
			t.Errorf("refusal %d is %+v, not %+v", i, *got, expected)
		}
	}
}

func (e expectedUse) compare(t *testing.T, name string, configured Configured) {
	at := slices.IndexFunc(configured.Policies, func(p PolicyInUse) bool { return p.Name == name })
	if at < 0 {
		t.Fatalf("`%s` is not in use", name)
	}
	got := configured.Policies[at]
	said := expectedUse{got.Autogen, got.Reads, got.UnknownResources, got.Exceptions}
	if fmt.Sprint(said) != fmt.Sprint(e) {
		t.Errorf("`%s` is in use as %+v, not %+v", name, said, e)
	}
}

func (e expectedVerdict) compare(t *testing.T, index int, r reply) {
	if e.Error != "" {
		if r.Outcome != protocol.Unjudged || r.Error.Reason != e.Error {
			t.Errorf("judge %d: %s %+v %s, not the error %s", index, r.Outcome, r.Error, r.Result, e.Error)
		}
		return
	}
	if r.Outcome != protocol.Judged {
		t.Fatalf("judge %d: %v", index, r.Error)
	}
	var verdict Verdict
	decode(t, r.Result, &verdict)
	if fmt.Sprint(verdict.Unmatched) != fmt.Sprint(e.Unmatched) {
		t.Errorf("judge %d: unmatched are %q, not %q", index, verdict.Unmatched, e.Unmatched)
	}
	if len(verdict.Results) != len(e.Results) {
		t.Fatalf("judge %d: results are %+v, not %q", index, verdict.Results, e.Results)
	}
	for i, expected := range e.Results {
		if got := line(verdict.Results[i]); got != expected && !strings.HasPrefix(got, expected+": ") {
			t.Errorf("judge %d: result %d is %q, not %q", index, i, got, expected)
		}
	}
}

// line writes a result as the files do.
func line(r Result) string {
	name := r.Policy
	if r.Rule != "" {
		name += "/" + r.Rule
	}
	if r.Autogen != "" {
		name += "+" + r.Autogen
	}
	outcome := string(r.Result)
	if r.Skipped != "" {
		outcome += " by " + r.Skipped
	}
	return fmt.Sprintf("%s: %s: %s", name, outcome, r.Message)
}
