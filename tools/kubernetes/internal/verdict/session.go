package verdict

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/api/legacyscheme"

	"aurora.example/tools/kubernetes/internal/admission"
	"aurora.example/tools/kubernetes/internal/builtin"
	"aurora.example/tools/kubernetes/internal/custom"
	"aurora.example/tools/kubernetes/internal/limits"
	"aurora.example/tools/kubernetes/internal/linked"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/podsecurity"
	"aurora.example/tools/protocol"
)

// Linked is the Kubernetes release whose code judges.
var Linked = builtin.Release{Major: 1, Minor: linked.Minor}

// Reasons for requests without a verdict, beside those of the protocol.
const (
	ReasonUnreadable  = "unreadable-document"
	ReasonUnknownKind = "unknown-kind"
	ReasonDefinition  = "bad-definition"
	ReasonUnstorable  = "unstorable"
)

// Session is one run of the program.
type Session struct {
	// current is replaced as a whole: a request that overran its time limit keeps the state that it began with.
	current atomic.Pointer[state]
	limit   protocol.Limit
}

// state is what the session knows.
type state struct {
	table       *builtin.Table
	pods        *podsecurity.Judge
	kinds       *podsecurity.Table
	definitions *custom.Definitions
	namespaces  *podsecurity.Namespaces
	policies    *admission.Policies
	ranges      limits.Ranges
	claims      map[schema.GroupKind][][]string
}

// NewSession starts a run that knows the built-in kinds, but not where their pods stand.
func NewSession() (*Session, error) {
	s := &Session{}
	return s, s.reset()
}

func (s *Session) reset() error {
	pods, err := podsecurity.NewJudge()
	if err != nil {
		return err
	}
	fresh := &state{
		pods: pods, kinds: podsecurity.NewTable(), definitions: custom.NewDefinitions(), namespaces: podsecurity.NewNamespaces(),
		ranges: limits.Ranges{}, claims: map[schema.GroupKind][][]string{},
	}
	fresh.table = builtin.NewTable(builtin.NamespaceClient{Labels: fresh.namespaces.Labels})
	fresh.policies = admission.NewPolicies(fresh.scope)
	s.current.Store(fresh)
	return nil
}

// scope says whether a kind is namespaced.
func (s *state) scope(gvk schema.GroupVersionKind) (namespaced, ok bool) {
	if kind, found := s.table.Find(gvk.GroupKind()); found && kind.Strategy != nil {
		return kind.Strategy.NamespaceScoped(), true
	}
	return s.definitions.Namespaced(gvk.GroupKind())
}

// Program describes the session to the protocol's loop.
func (s *Session) Program(version string) protocol.Program {
	return protocol.Program{
		Hello: protocol.Hello{
			Program: "server-validation", Version: version, Kubernetes: linked.Version,
			Requests: []string{"configure", "judge", "compare"},
		},
		Kinds: map[string]protocol.Kind{
			"configure": {Handle: s.configure, Alone: true},
			"judge":     {Handle: s.judge, Judges: true},
			"compare":   {Handle: s.compare, Judges: true},
		},
		TimeLimit: s.limit.Get,
		Workers:   protocol.Workers(),
	}
}

// wanted is how a client writes a version.
var wanted = regexp.MustCompile(`^v?(\d+)\.(\d+)(?:\.\d+)?$`)

func (s *Session) configure(_ context.Context, body json.RawMessage) (any, error) {
	var c Configure
	if err := protocol.Decode(body, &c); err != nil {
		return nil, err
	}
	if c.Reset {
		if err := s.reset(); err != nil {
			return nil, err
		}
	}
	known := s.current.Load()
	result := &Configured{Problems: []ConfigureProblem{}}
	result.VersionSkew = skew(c.Kubernetes, result)
	s.limit.Set(c.TimeLimitMilliseconds)
	known.add(&c, result)
	return result, nil
}

// add makes known what the body holds, and notes what could not be used.
func (s *state) add(c *Configure, result *Configured) {
	if c.UnknownNamespaces != nil {
		result.problem("/unknownNamespaces", s.namespaces.JudgeUnknown(c.UnknownNamespaces.Level, c.UnknownNamespaces.Version))
	}
	if c.Cluster != nil {
		result.problem("/cluster", s.table.SetServices(c.Cluster.ServiceRanges, c.Cluster.NodePorts))
	}
	for _, namespace := range c.Namespaces {
		s.namespaces.Describe(namespace.Name, namespace.Labels)
	}
	for i, place := range c.Pods {
		result.problem("/pods/"+strconv.Itoa(i), s.kinds.Add(place))
	}
	for _, place := range c.Claims {
		kind := schema.GroupKind{Group: place.Group, Kind: place.Kind}
		s.claims[kind] = append(s.claims[kind], place.At)
	}
	for i, raw := range c.Definitions {
		result.problem("/definitions/"+strconv.Itoa(i), s.definitions.AddManifest(raw))
	}
	for _, reference := range c.DefinitionFiles {
		s.definitions.AddFile(reference)
	}
	for i, raw := range c.AdmissionObjects {
		result.problem("/admissionObjects/"+strconv.Itoa(i), s.addAdmission(raw))
	}
	result.Levels = s.namespaces.Levels()
	result.Namespaces = len(result.Levels)
	result.Policies, result.Bindings, result.Parameters = s.policies.Count()
}

// skew reports whether the wanted version is another release than the linked one.
func skew(version string, result *Configured) bool {
	if version == "" {
		return false
	}
	match := wanted.FindStringSubmatch(version)
	if match == nil {
		result.problem("/kubernetes", fmt.Errorf("`%s` is no Kubernetes version", version))
		return true
	}
	return match[1] != strconv.Itoa(Linked.Major) || match[2] != strconv.Itoa(Linked.Minor)
}

func (c *Configured) problem(pointer string, err error) {
	if err != nil {
		c.Problems = append(c.Problems, ConfigureProblem{Pointer: pointer, Message: err.Error()})
	}
}

func (s *state) addAdmission(raw json.RawMessage) error {
	document, err := manifest.FromJSON(raw)
	if err != nil {
		return err
	}
	if err := s.table.AddClass(document); err != nil {
		return err
	}
	if document.GVK.GroupKind() == (schema.GroupKind{Kind: "LimitRange"}) {
		return s.addRange(document)
	}
	return s.policies.Add(document, legacyscheme.Scheme)
}

func (s *state) addRange(document *manifest.Document) error {
	kind, _ := s.table.Find(document.GVK.GroupKind())
	object, usable := kind.Decode(document)
	if one, ok := object.Defaulted.(*corev1.LimitRange); ok && usable {
		s.ranges.Add(one)
		return nil
	}
	return errors.New(object.Findings[len(object.Findings)-1].Message)
}

// document reads one manifest of a request.
func (s Source) document() (*manifest.Document, error) {
	object := bytes.TrimSpace(s.Object)
	if (len(object) > 0) == (s.Text != "") {
		return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: "exactly one of `object` and `text` must be given"}
	}
	read := func() (*manifest.Document, error) { return manifest.FromText(s.Text) }
	if len(object) > 0 {
		read = func() (*manifest.Document, error) { return manifest.FromJSON(object) }
	}
	document, err := read()
	if err != nil {
		return nil, &protocol.Problem{Reason: ReasonUnreadable, Message: err.Error()}
	}
	return document, nil
}

// problem turns the errors of custom kinds into reasons.
func problem(err error, gvk schema.GroupVersionKind) error {
	switch {
	case errors.Is(err, custom.ErrUnknown):
		return &protocol.Problem{Reason: ReasonUnknownKind, Message: fmt.Sprintf("%s is not built in, and no definition of it is known", gvk)}
	case errors.Is(err, custom.ErrDefinition):
		return &protocol.Problem{Reason: ReasonDefinition, Message: err.Error()}
	}
	return err
}
