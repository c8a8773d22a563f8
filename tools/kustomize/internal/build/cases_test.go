package build

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// one case: files, and either what is built as `path: kind name` or the problems as `path:line: words`.
type testCase struct {
	Name     string            `yaml:"name"`
	Files    map[string]string `yaml:"files"`
	Objects  []string          `yaml:"objects"`
	Problems []string          `yaml:"problems"`
}

func TestCases(t *testing.T) {
	Isolate()
	content, err := os.ReadFile(filepath.Join("testdata", "cases.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	if err := yaml.Unmarshal(content, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, each := range cases {
		t.Run(each.Name, func(t *testing.T) {
			files := map[string][]byte{}
			for name, text := range each.Files {
				files["components/"+name] = []byte(text)
			}
			body, _ := json.Marshal(request{Folder: "components/web", Files: files})
			answer, err := handle(context.Background(), body)
			if err != nil {
				t.Fatal(err)
			}
			got := answer.(result)
			if len(got.Objects) != len(each.Objects) && len(each.Problems) == 0 || len(got.Problems) != len(each.Problems) {
				t.Fatalf("%d objects, problems %v", len(got.Objects), got.Problems)
			}
			alone := filesys.MakeFsInMemory()
			for name, content := range files {
				_ = alone.WriteFile("/"+name, content)
			}
			for i, expected := range each.Objects {
				plain, err := run(alone, "/components/web")
				if err != nil {
					t.Fatal(err)
				}
				if text, _ := plain.Resources()[i].MarshalJSON(); string(text) != string(got.Objects[i].Object) {
					t.Errorf("Kustomize alone builds %s, not %s", text, got.Objects[i].Object)
				}
				var meta yaml.ResourceMeta
				_ = yaml.Unmarshal(got.Objects[i].Object, &meta)
				if found := fmt.Sprintf("%s: %s %s", got.Objects[i].Path, meta.Kind, meta.Name); found != expected {
					t.Errorf("%s instead of %s", found, expected)
				}
			}
			for i, expected := range each.Problems {
				place, words, _ := strings.Cut(expected, ": ")
				found := got.Problems[i]
				if fmt.Sprintf("%s:%d", found.Path, found.Line) != place || !strings.Contains(found.Message, words) || found.Hint == "" {
					t.Errorf("%+v instead of %s", found, expected)
				}
			}
		})
	}
}
