package render

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	"helm.sh/helm/v4/pkg/strvals"
	"sigs.k8s.io/yaml"

	"aurora.example/tools/protocol"
)

// notes is the template that Helm prints after an installation; it makes no object.
const notes = "NOTES.txt"

// order of release: the name and namespace that templates read.
type order struct {
	Archive   string         `json:"archive"`
	Release   string         `json:"release"`
	Namespace string         `json:"namespace"`
	Values    map[string]any `json:"values"`
	// Parameters are set in the values, as by `--set` and `--set-string`.
	Parameters []parameter `json:"parameters"`
	// EmptyLookups lets `lookup` find nothing instead of being an error.
	EmptyLookups bool `json:"emptyLookups"`
}

type parameter struct {
	Name        string `json:"name"`
	Value       string `json:"value"`
	ForceString bool   `json:"forceString"`
}

// Document is one YAML document, the same as JSON, and the file of the chart that it comes from.
type Document struct {
	Template string          `json:"template"`
	Text     string          `json:"text"`
	Object   json.RawMessage `json:"object"`
}

// document reads the text as the client of Kubernetes does: of two keys of one name the later counts. Helm ends what it
// prints of a document with a newline, which is the last one of a block of text.
func document(template, text string) (Document, error) {
	object, err := yaml.YAMLToJSON([]byte(text + "\n"))
	if err != nil {
		return Document{}, &protocol.Problem{Reason: ReasonOutput, Message: fmt.Sprintf("%s: %v", template, err)}
	}
	return Document{template, text, object}, nil
}

// Hook is a document that Helm runs at certain events.
type Hook struct {
	Document
	Events         []string `json:"events"`
	Weight         int      `json:"weight"`
	DeletePolicies []string `json:"deletePolicies"`
}

// Rendered is what a chart gives, each part in the order in which Helm applies it.
type Rendered struct {
	Chart       string     `json:"chart"`
	Version     string     `json:"version"`
	AppVersion  string     `json:"appVersion,omitempty"`
	Definitions []Document `json:"definitions"`
	Objects     []Document `json:"objects"`
	Hooks       []Hook     `json:"hooks"`
	Notes       string     `json:"notes,omitempty"`
}

// render renders one chart.
func (s *Session) render(ctx context.Context, body json.RawMessage) (any, error) {
	var wanted order
	if err := protocol.Decode(body, &wanted); err != nil {
		return nil, err
	}
	loaded, err := load(wanted.Archive)
	if err != nil {
		return nil, err
	}
	files, err := s.files(ctx, loaded, wanted)
	if err != nil {
		return nil, err
	}
	return sorted(loaded, files)
}

// files gives the output of every template; what the values switch off is gone from the loaded chart afterwards.
func (s *Session) files(ctx context.Context, loaded *chart.Chart, wanted order) (map[string]string, error) {
	values, err := s.values(loaded, wanted)
	if err != nil {
		return nil, err
	}
	files, err := engine.Engine{CustomTemplateFuncs: hermetic(wanted.EmptyLookups)}.RenderWithContext(ctx, loaded, values)
	if err != nil {
		return nil, explain(loaded, err)
	}
	return files, nil
}

// load reads an archive. Helm's loader refuses more than 100 MiB and paths that leave the chart; a link has no content.
func load(archive string) (*chart.Chart, error) {
	loaded, err := loader.LoadFile(archive)
	if err == nil {
		err = loaded.Validate()
	}
	if err != nil {
		return nil, &protocol.Problem{Reason: ReasonArchive, Message: strings.ReplaceAll(err.Error(), archive, path.Base(archive))}
	}
	return loaded, nil
}

// values merges the given values into those of the chart, and removes the subcharts that they switch off. Schemas of
// values are left to the client: Helm would fetch the parts that they refer to.
func (s *Session) values(loaded *chart.Chart, wanted order) (common.Values, error) {
	asked := loaded.Metadata.KubeVersion
	if asked != "" && !chartutil.IsCompatibleRange(asked, s.capabilities.KubeVersion.String()) {
		message := fmt.Sprintf("the chart is for Kubernetes %s, the cluster is %s", asked, s.capabilities.KubeVersion.Version)
		return nil, &protocol.Problem{Reason: ReasonKubernetes, Message: message}
	}
	given := wanted.Values
	if given == nil {
		given = map[string]any{}
	}
	err := set(given, wanted.Parameters)
	if err == nil {
		err = chartutil.ProcessDependencies(loaded, given)
	}
	if missing := lacking(loaded); err == nil && missing != "" {
		return nil, &protocol.Problem{Reason: ReasonArchive, Message: "the archive lacks the subchart `" + missing + "`"}
	}
	if err == nil {
		release := common.ReleaseOptions{Name: wanted.Release, Namespace: wanted.Namespace, Revision: 1, IsInstall: true}
		var values common.Values
		if values, err = commonutil.ToRenderValuesWithSchemaValidation(loaded, given, release, s.capabilities, true); err == nil {
			return values, nil
		}
	}
	return nil, &protocol.Problem{Reason: ReasonValues, Message: err.Error()}
}

// lacking finds a subchart that is in use and not in the archive.
func lacking(loaded *chart.Chart) string {
	for _, wanted := range loaded.Metadata.Dependencies {
		if !slices.ContainsFunc(loaded.Dependencies(), func(below *chart.Chart) bool { return below.Name() == wanted.Name }) {
			return wanted.Name
		}
	}
	for _, below := range loaded.Dependencies() {
		if missing := lacking(below); missing != "" {
			return missing
		}
	}
	return ""
}

// set adds parameters to values, with commas as Argo CD passes them on (its util/helm, `cleanSetParameters`).
func set(values map[string]any, parameters []parameter) error {
	for _, each := range parameters {
		value := each.Value
		if !strings.HasPrefix(value, "{") || !strings.HasSuffix(value, "}") {
			value = unescapedComma.ReplaceAllString(value, `$1\,`)
		}
		parse := strvals.ParseInto
		if each.ForceString {
			parse = strvals.ParseIntoString
		}
		if err := parse(each.Name+"="+value, values); err != nil {
			return err
		}
	}
	return nil
}

var unescapedComma = regexp.MustCompile(`([^\\]),`)

// sorted splits what templates gave into objects and hooks, and adds the definitions and notes.
func sorted(loaded *chart.Chart, files map[string]string) (*Rendered, error) {
	result := &Rendered{
		Chart: loaded.Name(), Version: loaded.Metadata.Version, AppVersion: loaded.Metadata.AppVersion,
		Notes:       files[path.Join(loaded.Name(), "templates", notes)],
		Definitions: []Document{}, Objects: []Document{}, Hooks: []Hook{},
	}
	for name := range files {
		if strings.HasSuffix(name, notes) {
			delete(files, name)
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return nil, &protocol.Problem{Reason: ReasonOutput, Message: err.Error()}
	}
	for _, definition := range loaded.CRDObjects() {
		parts := releaseutil.SplitManifests(string(definition.File.Data))
		for _, key := range slices.SortedFunc(maps.Keys(parts), inFile) {
			part, err := document(definition.Filename, parts[key])
			if err != nil {
				return nil, err
			}
			result.Definitions = append(result.Definitions, part)
		}
	}
	for _, manifest := range manifests {
		object, err := document(manifest.Name, manifest.Content)
		if err != nil {
			return nil, err
		}
		result.Objects = append(result.Objects, object)
	}
	for _, each := range hooks {
		object, err := document(each.Path, each.Manifest)
		if err != nil {
			return nil, err
		}
		hook := Hook{
			Document: object, Weight: each.Weight, Events: []string{}, DeletePolicies: []string{},
		}
		for _, event := range each.Events {
			hook.Events = append(hook.Events, event.String())
		}
		for _, policy := range each.DeletePolicies {
			hook.DeletePolicies = append(hook.DeletePolicies, policy.String())
		}
		slices.Sort(hook.Events)
		result.Hooks = append(result.Hooks, hook)
	}
	return result, nil
}

// inFile compares the keys of SplitManifests, which end in the number of a document.
func inFile(one, other string) int {
	if releaseutil.BySplitManifestsOrder([]string{one, other}).Less(0, 1) {
		return -1
	}
	return 1
}
