package rehearsal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aurora.example/tools/kubernetes/internal/corpus"
	"aurora.example/tools/kubernetes/internal/rehearsal/comparison"
)

const (
	cases = "../verdict/testdata/judge"
	table = "../verdict/testdata/differences.yaml"
	page  = "../../../../docs/server-validation.md"
)

// TestThePageShowsTheTableOfDifferences fails when the page was not written anew after a change of the cases or the table.
func TestThePageShowsTheTableOfDifferences(t *testing.T) {
	entries, err := comparison.ReadEntries(table)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := Render(string(data), cases, entries)
	if err != nil || rendered != string(data) {
		t.Errorf("run `go run ./cmd/rehearsal -document ../../docs/server-validation.md`: %v", err)
	}
}

// TestTheCorpusIsLargeEnough holds what the rehearsal promises.
func TestTheCorpusIsLargeEnough(t *testing.T) {
	suites, err := corpus.Read(cases)
	if err != nil {
		t.Fatal(err)
	}
	objects, updates := corpus.Count(suites)
	if objects-updates < 200 || updates < 60 {
		t.Errorf("%d new objects and %d updates", objects-updates, updates)
	}
}

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAnEnvironmentBeginsWithWhatOthersNeed(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "prod/a.yaml", "# a comment\n---\napiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ml, labels: {a: b}}\n")
	write(t, folder, "prod/b/c.yaml", "kind: CustomResourceDefinition\n")
	write(t, folder, ".hidden/x.yaml", "kind: ConfigMap\n")
	suites, err := environmentSuites(folder, nil)
	if err != nil || len(suites) != 1 {
		t.Fatalf("%v %v", suites, err)
	}
	var ids []string
	for _, subject := range suites[0].subjects {
		ids = append(ids, subject.ID)
	}
	wanted := []string{"prod/a.yaml#2", "prod/b/c.yaml", "prod/a.yaml#1"}
	if len(ids) != 3 || ids[0] != wanted[0] || ids[1] != wanted[1] || ids[2] != wanted[2] {
		t.Errorf("%v", ids)
	}
	configured := suites[0].configure
	if len(configured.Namespaces) != 1 || configured.Namespaces[0].Labels["a"] != "b" || len(configured.Definitions) != 1 {
		t.Errorf("%+v", configured)
	}
}

func TestWhatTwoEnvironmentsBothHaveIsAChange(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "dev/a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: x}\nspec: {replicas: 1}\n---\nkind: CustomResourceDefinition\nmetadata: {name: c}\n")
	write(t, folder, "prod/b.yaml", "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a, namespace: x}\nspec: {replicas: 2}\n---\nkind: CustomResourceDefinition\nmetadata: {name: c}\n")
	write(t, folder, "prod/c.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: y}\n")
	environments, err := environmentSuites(folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	suites := changeSuites(environments)
	if len(suites) != 1 || len(suites[0].subjects) != 1 {
		t.Fatalf("%+v", suites)
	}
	subject := suites[0].subjects[0]
	if subject.ID != "dev to prod/b.yaml#1" || !strings.Contains(string(subject.Old), "replicas: 1") || len(suites[0].configure.Definitions) != 1 {
		t.Errorf("%s %s", subject.ID, subject.Old)
	}
}

func TestAFolderWithoutDefinitionsIsAnError(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "a.yaml", "kind: ConfigMap\n")
	if _, _, err := definitionSuite(folder); err == nil {
		t.Error("accepted")
	}
	if _, err := environmentSuites(t.TempDir(), nil); err == nil {
		t.Error("accepted an empty folder")
	}
}
