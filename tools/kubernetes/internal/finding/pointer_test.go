package finding

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestPathsBecomePointersGuidedByTheManifest(t *testing.T) {
	type paths struct {
		Manifest map[string]any
		Pointers map[string]string
	}
	var table struct{ Printed, Applied paths }
	data, err := os.ReadFile("testdata/paths.yaml")
	if err == nil {
		err = yaml.UnmarshalStrict(data, &table)
	}
	if err != nil || len(table.Printed.Pointers) < 19 || len(table.Applied.Pointers) < 7 {
		t.Fatal(table, err)
	}
	for path, want := range table.Printed.Pointers {
		if got := Locate(table.Printed.Manifest, path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	for path, want := range table.Applied.Pointers {
		if got := LocateKeyed(table.Applied.Manifest, path); got != want {
			t.Errorf("%s of a server-side apply: got %s, want %s", path, got, want)
		}
	}
}

func TestLookupFollowsPointers(t *testing.T) {
	manifest := tree(t, `{"a/b":[{"c~d":1}]}`)
	if value, ok := Lookup(manifest, "/a~1b/0/c~0d"); !ok || value != float64(1) {
		t.Errorf("got %v %v", value, ok)
	}
	for _, absent := range []string{"/x", "/a~1b/1", "/a~1b/x", "/a~1b/0/c~0d/e"} {
		if _, ok := Lookup(manifest, absent); ok {
			t.Errorf("%s exists", absent)
		}
	}
}

func TestTheCulpritIsTheDeepestValueWhoseAbsenceChangesTheError(t *testing.T) {
	manifest := tree(t, `{"kind":"K","a":{"good":1,"list":[1,2,{"bad":"x"}]},"b":2}`)
	decode := func(tree map[string]any) error {
		if value, _ := Lookup(tree, "/a/list/2/bad"); value == "x" {
			return errors.New("x is bad")
		}
		return nil
	}
	if got := Culprit(manifest, decode); got != "/a/list/2/bad" {
		t.Errorf("got %s", got)
	}
	if got := Culprit(manifest, func(map[string]any) error { return nil }); got != "" {
		t.Errorf("a good manifest has culprit %s", got)
	}
	if got := Culprit(manifest, func(map[string]any) error { return errors.New("always") }); got != "" {
		t.Errorf("an error of the whole has culprit %s", got)
	}
}

func TestAFieldPathInAWarningBecomesAPointer(t *testing.T) {
	recorder := &Recorder{}
	for _, text := range []string{"spec.a[0].b: be careful", "metadata.name: short", "just: words", "note that this: is text"} {
		recorder.AddWarning("", text)
	}
	var got []string
	for _, f := range recorder.Findings(ServerWarning, tree(t, `{"spec":{"a":[{}]}}`)) {
		got = append(got, f.Pointer)
	}
	if want := []string{"/spec/a/0/b", "/metadata/name", "", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func tree(t *testing.T, text string) map[string]any {
	t.Helper()
	value := map[string]any{}
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
