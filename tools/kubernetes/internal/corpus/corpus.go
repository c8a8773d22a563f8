// Package corpus reads the cases that say what server validation must say about one object.
//
// The same cases hold the program offline, in the tests of package verdict, and against a real API server, in the
// rehearsal. It must not judge anything.
package corpus

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Suite is one file: a configuration and the cases judged under it.
type Suite struct {
	Name      string          `json:"-"`
	Configure json.RawMessage `json:"configure"`
	Cases     []Case          `json:"cases"`
}

// Case states what is said about one manifest; findings that are not listed fail the test.
type Case struct {
	Name     string          `json:"name"`
	Manifest json.RawMessage `json:"manifest"`
	Text     string          `json:"text"`
	Old      json.RawMessage `json:"old"`
	// Want names the parts that the offline test asks for; the rehearsal asks for all of them.
	Want      []string       `json:"want"`
	Reason    string         `json:"reason"`
	Findings  []Expected     `json:"findings"`
	NotJudged []string       `json:"notJudged"`
	Stored    map[string]any `json:"stored"`
	Assigned  []string       `json:"assigned"`
}

// Expected is one finding that a case demands; an empty field demands nothing.
type Expected struct {
	Rule       string `json:"rule"`
	Severity   string `json:"severity"`
	Pointer    string `json:"pointer"`
	Message    string `json:"message"`
	Expression string `json:"expression"`
	Check      string `json:"check"`
	Policy     string `json:"policy"`
	Apply      string `json:"apply"`
}

// Read returns the suites of a folder in the order of their names.
func Read(folder string) ([]Suite, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no suite in `%s`", folder)
	}
	slices.Sort(paths)
	suites := make([]Suite, len(paths))
	for i, path := range paths {
		if suites[i], err = ReadFile(path); err != nil {
			return nil, err
		}
	}
	return suites, nil
}

// ReadFile returns one suite.
func ReadFile(path string) (Suite, error) {
	suite := Suite{Name: strings.TrimSuffix(filepath.Base(path), ".yaml")}
	data, err := os.ReadFile(path)
	if err != nil {
		return suite, err
	}
	if err := yaml.UnmarshalStrict(data, &suite); err != nil {
		return suite, fmt.Errorf("read `%s`: %w", path, err)
	}
	names := map[string]bool{}
	for _, c := range suite.Cases {
		if names[c.Name] {
			return suite, fmt.Errorf("`%s` has two cases named %q", path, c.Name)
		}
		names[c.Name] = true
	}
	return suite, nil
}

// Count says how many objects the suites hold, and how many of them are updates.
func Count(suites []Suite) (objects, updates int) {
	for _, suite := range suites {
		objects += len(suite.Cases)
		for _, c := range suite.Cases {
			if len(c.Old) > 0 {
				updates++
			}
		}
	}
	return objects, updates
}
