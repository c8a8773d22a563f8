package render

import (
	"context"
	"encoding/json"

	chart "helm.sh/helm/v4/pkg/chart/v2"

	"aurora.example/tools/protocol"
)

// Part is a chart or one of its subcharts, with what it says of its values.
type Part struct {
	// Path are the keys under which the values of the part stand; none for the chart itself.
	Path    []string        `json:"path"`
	Name    string          `json:"name"`
	Version string          `json:"version"`
	Values  map[string]any  `json:"values"`
	Schema  json.RawMessage `json:"schema,omitempty"`
}

// Inspected is what an archive says before it is rendered.
type Inspected struct {
	Chart      string `json:"chart"`
	Version    string `json:"version"`
	AppVersion string `json:"appVersion,omitempty"`
	Kubernetes string `json:"kubernetes,omitempty"`
	Parts      []Part `json:"parts"`
	// Coalesced are the given values merged with those of the chart, Enabled the paths of the parts that they leave in use.
	Coalesced map[string]any `json:"coalesced"`
	Enabled   [][]string     `json:"enabled"`
}

// inspect reads the metadata of a chart, the default values and schemas of it and its subcharts, and what given values make of them.
func (s *Session) inspect(_ context.Context, body json.RawMessage) (any, error) {
	var wanted order
	if err := protocol.Decode(body, &wanted); err != nil {
		return nil, err
	}
	loaded, err := load(wanted.Archive)
	if err != nil {
		return nil, err
	}
	result := &Inspected{
		Chart: loaded.Name(), Version: loaded.Metadata.Version, AppVersion: loaded.Metadata.AppVersion,
		Kubernetes: loaded.Metadata.KubeVersion,
	}
	result.Parts = parts(loaded, []string{}, nil)
	if loaded, err = load(wanted.Archive); err != nil {
		return nil, err
	}
	values, err := s.values(loaded, wanted)
	if err != nil {
		return nil, err
	}
	if merged, err := values.Table("Values"); err == nil {
		result.Coalesced = merged
	}
	for _, part := range parts(loaded, []string{}, nil) {
		result.Enabled = append(result.Enabled, part.Path)
	}
	return result, nil
}

// parts lists a chart and its subcharts; an alias takes the place of a subchart's name.
func parts(loaded *chart.Chart, under []string, found []Part) []Part {
	part := Part{Path: under, Name: loaded.Name(), Version: loaded.Metadata.Version, Values: loaded.Values}
	if part.Values == nil {
		part.Values = map[string]any{}
	}
	if json.Valid(loaded.Schema) {
		part.Schema = loaded.Schema
	}
	found = append(found, part)
	for _, below := range loaded.Dependencies() {
		names := []string{}
		for _, dependency := range loaded.Metadata.Dependencies {
			if dependency.Name == below.Name() && dependency.Alias != "" {
				names = append(names, dependency.Alias)
			}
		}
		if len(names) == 0 {
			names = []string{below.Name()}
		}
		for _, name := range names {
			found = parts(below, append(append([]string{}, under...), name), found)
		}
	}
	return found
}
