// Package rehearsal compares server validation with a real API server, object by object.
//
// It owns the plan: which objects are tried, in which order, and what has to be in the cluster before. It must not
// know how either side answers.
package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/corpus"
	"aurora.example/tools/kubernetes/internal/custom"
	"aurora.example/tools/kubernetes/internal/rehearsal/trial"
	"aurora.example/tools/kubernetes/internal/verdict"
)

// suite is a group of subjects that share a configuration.
type suite struct {
	name      string
	configure verdict.Configure
	subjects  []trial.Subject
	// remain leaves the objects in the cluster for later suites.
	remain bool
}

// object is what has to be known of a manifest to plan its trial.
type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string            `json:"name"`
		Namespace string            `json:"namespace"`
		Labels    map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Group string `json:"group"`
		Names struct {
			Kind string `json:"kind"`
		} `json:"names"`
	} `json:"spec"`
}

const (
	definitionKind = "CustomResourceDefinition"
	namespaceKind  = "Namespace"
)

// corpusSuites turns the repository's own cases into subjects.
func corpusSuites(folder string) ([]suite, error) {
	read, err := corpus.Read(folder)
	if err != nil {
		return nil, err
	}
	suites := make([]suite, len(read))
	for i, r := range read {
		suites[i].name = r.Name
		if len(r.Configure) > 0 {
			if err := json.Unmarshal(r.Configure, &suites[i].configure); err != nil {
				return nil, fmt.Errorf("suite `%s`: %w", r.Name, err)
			}
		}
		for _, c := range r.Cases {
			subject := trial.Subject{ID: r.Name + "/" + c.Name, Manifest: c.Manifest, Old: c.Old}
			if c.Text != "" {
				subject.Manifest = []byte(c.Text)
			}
			suites[i].subjects = append(suites[i].subjects, subject)
		}
	}
	return suites, nil
}

// definitionSuite holds every definition of a folder; the references say where each is.
func definitionSuite(folder string) (suite, []custom.Reference, error) {
	s := suite{name: "crds", remain: true}
	subjects, err := manifests(folder)
	if err != nil {
		return s, nil, err
	}
	var references []custom.Reference
	for _, subject := range subjects {
		o := look(subject.Manifest)
		if o.Kind != definitionKind {
			continue
		}
		path, _, _ := strings.Cut(subject.ID, "#")
		references = append(references, custom.Reference{Path: filepath.Join(folder, path), Group: o.Spec.Group, Kind: o.Spec.Names.Kind})
		subject.ID, subject.Keep = "crds/"+subject.ID, true
		s.subjects = append(s.subjects, subject)
	}
	if len(references) == 0 {
		return s, nil, fmt.Errorf("no definition in `%s`", folder)
	}
	return s, references, nil
}

// environmentSuites turns each environment of a folder into one suite, in the order in which they can be applied.
func environmentSuites(folder string, references []custom.Reference) ([]suite, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var suites []suite
	for _, entry := range entries {
		if !entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		subjects, err := manifests(filepath.Join(folder, entry.Name()))
		if err != nil {
			return nil, err
		}
		suites = append(suites, environment(entry.Name(), subjects, references))
	}
	if len(suites) == 0 {
		return nil, fmt.Errorf("no environment in `%s`", folder)
	}
	return suites, nil
}

func environment(name string, subjects []trial.Subject, references []custom.Reference) suite {
	s := suite{name: name, configure: verdict.Configure{DefinitionFiles: references}}
	for _, subject := range subjects {
		subject.ID, subject.Keep = name+"/"+subject.ID, true
		s.subjects = append(s.subjects, subject)
		switch o := look(subject.Manifest); o.Kind {
		case namespaceKind:
			s.configure.Namespaces = append(s.configure.Namespaces, verdict.Namespace{Name: o.Metadata.Name, Labels: o.Metadata.Labels})
		case definitionKind:
			if data, err := yaml.YAMLToJSON(subject.Manifest); err == nil {
				s.configure.Definitions = append(s.configure.Definitions, data)
			}
		}
	}
	slices.SortStableFunc(s.subjects, func(a, b trial.Subject) int { return rank(a) - rank(b) })
	return s
}

// rank puts first what others need.
func rank(subject trial.Subject) int {
	kinds := []string{namespaceKind, definitionKind}
	if at := slices.Index(kinds, look(subject.Manifest).Kind); at >= 0 {
		return at
	}
	return len(kinds)
}

func look(manifest []byte) object {
	var o object
	if err := yaml.Unmarshal(manifest, &o); err != nil {
		return object{}
	}
	return o
}

// manifests reads every document under a folder; ids are paths, with a number where a file holds several.
func manifests(folder string) ([]trial.Subject, error) {
	var subjects []trial.Subject
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(path)) {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		documents := split(data)
		for i, document := range documents {
			id := name
			if len(documents) > 1 {
				id = fmt.Sprintf("%s#%d", name, i+1)
			}
			subjects = append(subjects, trial.Subject{ID: id, Manifest: document})
		}
		return nil
	})
	return subjects, err
}

// split cuts a file into its documents; what has no kind, such as a licence on top, is none.
func split(data []byte) [][]byte {
	var documents [][]byte
	for _, document := range bytes.Split(append([]byte("\n"), data...), []byte("\n---")) {
		if look(document).Kind != "" {
			documents = append(documents, document)
		}
	}
	return documents
}
