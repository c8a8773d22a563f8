package podsecurity

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Form says how a pod is written at a path.
type Form string

// The forms of pods.
const (
	// Template is metadata and spec, as in a Deployment.
	Template Form = "template"
	// Spec is a pod spec by itself.
	Spec Form = "spec"
	// Component is KServe's pod spec with a main container under the name of its framework.
	Component Form = "component"
	// Container is one container that a controller adds to its pods.
	Container Form = "container"
	// Workflow is the spec of an Argo Workflow, whose templates become pods.
	Workflow Form = "workflow"
)

var forms = []Form{Template, Spec, Component, Container, Workflow}

// byRuntime says why an inference service shows only part of a pod.
const byRuntime = "the serving runtime's container and settings are merged in"

// Place is one path to pods of a kind, as a client hands it over.
type Place struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	// At are the steps to the pod; `*` stands for every item of a list or value of a map.
	At   []string `json:"at"`
	Form Form     `json:"form"`
	// Partial says what a controller adds to the pod, so that a missing setting proves nothing.
	Partial string `json:"partial,omitempty"`
}

// Table holds the paths to pods by kind. The client owns the one table of kinds and hands over what it needs.
type Table struct {
	places map[schema.GroupKind][]Place
}

// NewTable starts with no kind.
func NewTable() *Table {
	return &Table{places: map[schema.GroupKind][]Place{}}
}

// Add makes a path known.
func (t *Table) Add(p Place) error {
	if p.Kind == "" {
		return fmt.Errorf("`kind` is missing")
	}
	if !slices.Contains(forms, p.Form) {
		return fmt.Errorf("`%s` is no form of a pod: %v", p.Form, forms)
	}
	if slices.Contains(p.At, "") {
		return fmt.Errorf("a step of `at` is empty")
	}
	kind := schema.GroupKind{Group: p.Group, Kind: p.Kind}
	same := func(other Place) bool { return slices.Equal(other.At, p.At) }
	if slices.ContainsFunc(t.places[kind], same) {
		return fmt.Errorf("the path %s of %s is known already", strings.Join(p.At, "."), kind)
	}
	t.places[kind] = append(t.places[kind], p)
	return nil
}

// Empty reports whether nobody handed over any path, so that no pod can be found.
func (t *Table) Empty() bool { return len(t.places) == 0 }

// HasPods reports whether objects of a kind describe pods.
func (t *Table) HasPods(gk schema.GroupKind) bool { return len(t.places[gk]) > 0 }

// Pods finds every pod in an object, with the defaults that the server gives to pods.
func (t *Table) Pods(gk schema.GroupKind, tree map[string]any) []Pod {
	var pods []Pod
	for _, p := range t.places[gk] {
		for _, m := range Matches(tree, p.At) {
			pods = append(pods, readPods(p, m)...)
		}
	}
	return pods
}

// frameworks are the fields of a KServe component that hold its main container.
var frameworks = []string{
	"model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle", "art",
}
