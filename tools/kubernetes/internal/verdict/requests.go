// Package verdict answers the program's requests: it reads them, hands objects to the package that knows their
// kind, and puts the answers together.
//
// docs/protocol.md is the contract of every type here.
package verdict

import (
	"encoding/json"

	"aurora.example/tools/kubernetes/internal/admission"
	"aurora.example/tools/kubernetes/internal/custom"
	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/podsecurity"
)

// Configure is the body of `configure`. A section that is absent changes nothing; lists add to what is known.
type Configure struct {
	// Reset forgets everything that was configured and found before.
	Reset bool `json:"reset,omitempty"`
	// Kubernetes is the version of the cluster, such as `1.34`; the reply says whether it is the linked one.
	Kubernetes string `json:"kubernetes,omitempty"`
	// Cluster are flags of the cluster's server that decide about Services; without them its defaults count.
	Cluster *Cluster `json:"cluster,omitempty"`
	// TimeLimitMilliseconds bounds the time for one object; zero means none.
	TimeLimitMilliseconds *int `json:"timeLimitMilliseconds,omitempty"`
	// UnknownNamespaces is the Pod Security level for namespaces that nobody described.
	UnknownNamespaces *Level `json:"unknownNamespaces,omitempty"`
	// Namespaces are those of the input, with their labels.
	Namespaces []Namespace `json:"namespaces,omitempty"`
	// Pods are the paths to pods in objects, by kind.
	Pods []podsecurity.Place `json:"pods,omitempty"`
	// Claims are the paths to specifications of claims for volumes, by kind.
	Claims []ClaimPlace `json:"claims,omitempty"`
	// Definitions are the CRDs of the input.
	Definitions []json.RawMessage `json:"definitions,omitempty"`
	// DefinitionFiles are CRDs that are read only when an object needs them.
	DefinitionFiles []custom.Reference `json:"definitionFiles,omitempty"`
	// AdmissionObjects are policies, bindings and the objects that bindings may name as parameters, and what plugins look up:
	// classes and LimitRanges.
	AdmissionObjects []json.RawMessage `json:"admissionObjects,omitempty"`
}

// Cluster is what a cluster's API server was started with.
type Cluster struct {
	// ServiceRanges are CIDRs, the one of the cluster's own family first; empty means that they are not known.
	ServiceRanges []string `json:"serviceRanges,omitempty"`
	// NodePorts is a range such as `30000-32767`, the default.
	NodePorts string `json:"nodePorts,omitempty"`
}

// Level is a Pod Security level with its version.
type Level struct {
	Level   string `json:"level"`
	Version string `json:"version,omitempty"`
}

// Namespace is a namespace of the input.
type Namespace struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
}

// ClaimPlace is one path to specifications of claims.
type ClaimPlace struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	// At are the steps to the specification; `*` stands for every item of a list or value of a map, `**` for any number of steps.
	At []string `json:"at"`
}

// Configured is the result of `configure`.
type Configured struct {
	// VersionSkew is true when the cluster's minor version is not the linked one.
	VersionSkew bool `json:"versionSkew"`
	Namespaces  int  `json:"namespaces"`
	Policies    int  `json:"policies"`
	Bindings    int  `json:"bindings"`
	Parameters  int  `json:"parameters"`
	// Levels is what every described namespace has.
	Levels []podsecurity.NamespaceLevel `json:"levels,omitempty"`
	// Problems are parts of the body that could not be used; everything else was.
	Problems []ConfigureProblem `json:"problems"`
}

// ConfigureProblem points at one unusable part of the body.
type ConfigureProblem struct {
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// Part is one thing that a client wants to know of an object.
type Part string

// The parts that a client may want.
const (
	Create            Part = "create"
	Update            Part = "update"
	Drift             Part = "drift"
	Stored            Part = "stored"
	PodSecurity       Part = "podSecurity"
	AdmissionPolicies Part = "admissionPolicies"
	LimitRanges       Part = "limitRanges"
)

// Source is one manifest: either an object, or the text of one document in JSON or YAML.
type Source struct {
	Object json.RawMessage `json:"object,omitempty"`
	Text   string          `json:"text,omitempty"`
}

// Judge is the body of `judge`.
type Judge struct {
	Source
	// Old is the object that runs in the cluster, as its manifest.
	Old *Source `json:"old,omitempty"`
	// Want is create, drift, podSecurity and admissionPolicies by default, and update when Old is given.
	Want []Part `json:"want,omitempty"`
}

// Resource names an object.
type Resource struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace,omitempty"`
	Name       string `json:"name"`
}

// Verdict is the result of `judge`.
type Verdict struct {
	Resource Resource `json:"resource"`
	// Judged lists the parts that have a verdict.
	Judged []Part `json:"judged"`
	// NotJudged lists what has none, and why; a part named here has not passed.
	NotJudged []NotJudged       `json:"notJudged,omitempty"`
	Findings  []finding.Finding `json:"findings"`
	// Level is what the namespace of an object with pods has, and could have with these pods alone.
	Level *podsecurity.NamespaceLevel `json:"level,omitempty"`
	// Stored is the object as the server would store it, without what a cluster draws or counts.
	Stored map[string]any `json:"stored,omitempty"`
	// Assigned are pointers into what the server fills in by chance or by counting.
	Assigned []string `json:"assigned,omitempty"`
}

// NotJudged names one part, or one policy of it, without a verdict.
type NotJudged struct {
	Part    Part   `json:"part"`
	Pointer string `json:"pointer,omitempty"`
	Policy  string `json:"policy,omitempty"`
	Binding string `json:"binding,omitempty"`
	Why     string `json:"why"`
}

// Compare is the body of `compare`.
type Compare struct {
	Before Source `json:"before"`
	After  Source `json:"after"`
	// Want are the verdicts on the change that are asked for beside the differences: create and update.
	Want []Part `json:"want,omitempty"`
}

// Comparison is the result of `compare`.
type Comparison struct {
	// Same is true when both manifests are stored alike.
	Same        bool         `json:"same"`
	Differences []Difference `json:"differences"`
	// Accepted says whether the server would accept each one.
	Accepted Accepted `json:"accepted"`
	// Unstorable says why there are no differences although a verdict was wanted: one side has no stored form.
	Unstorable string `json:"unstorable,omitempty"`
	// Verdict is the one that was wanted.
	Verdict *Verdict `json:"verdict,omitempty"`
}

// Accepted says whether the server would accept the two manifests of a comparison.
type Accepted struct {
	Before bool `json:"before"`
	After  bool `json:"after"`
}

// Difference is one field that is stored differently; a side that has no such field is omitted.
type Difference struct {
	// Pointer leads into the object after, or into the one before where only that has the field.
	Pointer string `json:"pointer"`
	// Path is the same for people: items of lists are named by their keys.
	Path   string `json:"path"`
	Before *any   `json:"before,omitempty"`
	After  *any   `json:"after,omitempty"`
	// Reordered means that a list has the same items in another order; both sides are then their names.
	Reordered bool `json:"reordered,omitempty"`
}

func notJudged(part Part, list []admission.NotJudged) []NotJudged {
	var result []NotJudged
	for _, n := range list {
		result = append(result, NotJudged{Part: part, Policy: n.Policy, Binding: n.Binding, Why: n.Why})
	}
	return result
}
