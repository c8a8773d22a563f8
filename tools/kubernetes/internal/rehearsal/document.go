package rehearsal

import (
	"fmt"
	"os"
	"strings"

	"aurora.example/tools/kubernetes/internal/corpus"
	"aurora.example/tools/kubernetes/internal/rehearsal/comparison"
)

// Marks enclose what is rendered into the page.
const (
	begin = "<!-- rehearsal: rendered from the table of differences -->\n"
	end   = "<!-- rehearsal: end -->"
)

// Document writes the counts of the cases and the table of explained differences into a page.
func Document(path, cases string, entries []comparison.Entry) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	page, err := Render(string(data), cases, entries)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(page), 0o644)
}

// Render returns the page as it has to be.
func Render(page, cases string, entries []comparison.Entry) (string, error) {
	suites, err := corpus.Read(cases)
	if err != nil {
		return "", err
	}
	before, rest, found := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", fmt.Errorf("the page has no place for the table")
	}
	objects, updates := corpus.Count(suites)
	text := fmt.Sprintf("The repository's own cases: %d objects in %d suites, %d of them updates. Explained differences: %d.\n\n",
		objects, len(suites), updates, len(entries))
	return before + begin + text + comparison.Table(entries) + end + after, nil
}
