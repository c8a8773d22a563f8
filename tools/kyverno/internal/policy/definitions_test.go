package policy

import (
	"fmt"
	"io/fs"
	"slices"
	"testing"
)

func TestOnlyTheDefinitionsOfKindsThatAreReadAreOpened(t *testing.T) {
	shipped, err := openDefinitions(readKinds)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := fs.ReadDir(shipped, ".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	slices.Sort(names)
	if !slices.Equal(names, slices.Sorted(slices.Values(readKinds))) {
		t.Errorf("opened %v, want %v", names, readKinds)
	}
}

func TestPoliciesAndExceptionsAreHeldToTheirDefinitions(t *testing.T) {
	loader, err := NewLoader()
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ kind, field, good, bad string }{
		{judgedKind, "validations", `[{"expression": "true"}]`, `"none"`},
		{exceptionKind, "policyRefs", `[{"name": "a", "kind": "ValidatingPolicy"}]`, `"all"`},
	}
	for _, version := range versions {
		for _, c := range cases {
			load := func(value string) error {
				document := fmt.Sprintf(`{"apiVersion": "%s/%s", "kind": "%s", "metadata": {"name": "a"}, "spec": {"%s": %s}}`,
					group, version, c.kind, c.field, value)
				_, _, err := loader.schemas.Load([]byte(document))
				return err
			}
			if err := load(c.good); err != nil {
				t.Errorf("%s %s: %v", version, c.kind, err)
			}
			if load(c.bad) == nil {
				t.Errorf("%s %s with `%s: %s` was taken", version, c.kind, c.field, c.bad)
			}
		}
	}
}
