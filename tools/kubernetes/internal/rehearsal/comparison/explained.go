package comparison

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Entry explains differences of one aspect. Conditions that are left out hold for everything.
type Entry struct {
	ID     string `json:"id"`
	Aspect Aspect `json:"aspect"`
	// Reason is what docs/server-validation.md says.
	Reason string `json:"reason"`
	// Subjects are ids of subjects, of which `*` stands for any text.
	Subjects []string `json:"subjects,omitempty"`
	Kinds    []string `json:"kinds,omitempty"`
	// Pointer and Says are regular expressions for the field, and for what either side says.
	Pointer string `json:"pointer,omitempty"`
	Says    string `json:"says,omitempty"`

	subjects, pointer, says *regexp.Regexp
}

// ReadEntries reads the table of explained differences.
func ReadEntries(path string) ([]Entry, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var table struct {
		Differences []Entry `json:"differences"`
	}
	if err := yaml.UnmarshalStrict(data, &table); err != nil {
		return nil, fmt.Errorf("read `%s`: %w", path, err)
	}
	ids := map[string]bool{}
	for i := range table.Differences {
		e := &table.Differences[i]
		if e.ID == "" || e.Reason == "" || e.Aspect == "" || ids[e.ID] {
			return nil, fmt.Errorf("`%s`: entry %d needs an aspect, a reason and an id of its own", path, i+1)
		}
		ids[e.ID] = true
		if err := e.compile(); err != nil {
			return nil, fmt.Errorf("`%s`: entry `%s`: %w", path, e.ID, err)
		}
	}
	return table.Differences, nil
}

func (e *Entry) compile() (err error) {
	patterns := make([]string, len(e.Subjects))
	for i, subject := range e.Subjects {
		patterns[i] = strings.ReplaceAll(regexp.QuoteMeta(subject), `\*`, ".*")
	}
	if len(patterns) > 0 {
		e.subjects = regexp.MustCompile("^(?:" + strings.Join(patterns, "|") + ")$")
	}
	if e.pointer, err = regexp.Compile(e.Pointer); err != nil {
		return err
	}
	e.says, err = regexp.Compile(e.Says)
	return err
}

func (e *Entry) explains(d Difference) bool {
	return e.Aspect == d.Aspect && (e.subjects == nil || e.subjects.MatchString(d.Subject)) &&
		(len(e.Kinds) == 0 || slices.Contains(e.Kinds, d.Kind)) && e.pointer.MatchString(d.Pointer) &&
		(e.says.MatchString(d.Offline) || e.says.MatchString(d.Server))
}

// Explain names for each difference the first entry that explains it, and returns the entries that explain none:
// what no longer differs must leave the table.
func Explain(differences []Difference, entries []Entry) (unused []string) {
	used := map[string]bool{}
	for i := range differences {
		for j := range entries {
			if entries[j].explains(differences[i]) {
				differences[i].Explained = entries[j].ID
				used[entries[j].ID] = true
				break
			}
		}
	}
	for _, e := range entries {
		if !used[e.ID] {
			unused = append(unused, e.ID)
		}
	}
	return unused
}

// Table renders the entries for the documentation.
func Table(entries []Entry) string {
	var text strings.Builder
	text.WriteString("| difference | aspect | reason |\n|---|---|---|\n")
	for _, e := range entries {
		fmt.Fprintf(&text, "| `%s` | %s | %s |\n", e.ID, e.Aspect, strings.Join(strings.Fields(e.Reason), " "))
	}
	return text.String()
}
