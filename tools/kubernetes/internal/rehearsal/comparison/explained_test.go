package comparison

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) ([]Entry, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "differences.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadEntries(path)
}

func entries(t *testing.T, text string) []Entry {
	t.Helper()
	read, err := parse(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestAnEntryExplainsOnlyWhatMeetsAllItsConditions(t *testing.T) {
	table := entries(t, `
differences:
- {id: token, aspect: stored, kinds: [Pod], subjects: ["pods/*"], pointer: ^/spec/volumes$, says: kube-api, reason: drawn}
`)
	fits := Difference{Subject: "pods/a", Kind: "Pod", Aspect: Stored, Pointer: "/spec/volumes", Server: "kube-api-1"}
	all := []Difference{fits, fits, fits, fits, fits, fits}
	all[1].Subject, all[2].Kind, all[3].Aspect, all[4].Pointer, all[5].Server = "x/pods/a", "Job", FalsePass, "/spec/volumes/0", "other"
	unused := Explain(all, table)
	if all[0].Explained != "token" || len(unused) != 0 {
		t.Errorf("%v %v", all[0], unused)
	}
	for _, d := range all[1:] {
		if d.Explained != "" || !strings.HasPrefix(d.String(), "UNEXPLAINED") {
			t.Errorf("%v", d)
		}
	}
}

func TestAnEntryThatExplainsNothingIsNamed(t *testing.T) {
	table := entries(t, "differences: [{id: gone, aspect: words, reason: r}, {id: here, aspect: drift, reason: r}]")
	if unused := Explain([]Difference{{Aspect: Drift}}, table); !slices.Equal(unused, []string{"gone"}) {
		t.Errorf("%v", unused)
	}
}

func TestAnEntryNeedsAnIdOfItsOwnAnAspectAndAReason(t *testing.T) {
	for _, text := range []string{
		"differences: [{aspect: words, reason: r}]", "differences: [{id: a, reason: r}]", "differences: [{id: a, aspect: words}]",
		"differences: [{id: a, aspect: words, reason: r}, {id: a, aspect: words, reason: r}]",
		"differences: [{id: a, aspect: words, reason: r, says: '('}]", "differences: [{id: a, aspect: words, reason: r, misspelt: x}]",
	} {
		if _, err := parse(t, text); err == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}
