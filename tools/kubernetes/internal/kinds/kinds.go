// Package kinds reads the table of kinds of the repository, for tests and rehearsals: in a run, the client hands
// over what it needs of the table.
//
// It knows nothing of the table but the paths to pods.
package kinds

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/podsecurity"
)

// file is what is read of one file of the table.
type file struct {
	Kinds map[string]struct {
		Pods []struct {
			At      path             `json:"at"`
			Form    podsecurity.Form `json:"form"`
			Partial string           `json:"partial"`
		} `json:"pods"`
	} `json:"kinds"`
}

// path is written with dots, or as a list of steps.
type path []string

// UnmarshalJSON reads both ways of writing.
func (p *path) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) != nil {
		return json.Unmarshal(data, (*[]string)(p))
	}
	if text != "" {
		*p = strings.Split(text, ".")
	}
	return nil
}

// Pods gives every path to pods of the table in a folder.
func Pods(folder string) ([]podsecurity.Place, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*", "kinds*.yaml"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no table of kinds in `%s`: %w", folder, err)
	}
	var places []podsecurity.Place
	for _, name := range paths {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var read file
		if err := yaml.Unmarshal(data, &read); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		places = append(places, read.places(filepath.Base(filepath.Dir(name)))...)
	}
	return places, nil
}

func (f *file) places(group string) []podsecurity.Place {
	if group == "core" {
		group = ""
	}
	var places []podsecurity.Place
	for kind, entry := range f.Kinds {
		for _, pod := range entry.Pods {
			form := pod.Form
			if form == "" {
				form = podsecurity.Template
			}
			places = append(places, podsecurity.Place{Group: group, Kind: kind, At: pod.At, Form: form, Partial: pod.Partial})
		}
	}
	return places
}
