package verdict

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	vpolengine "github.com/kyverno/kyverno/pkg/cel/policies/vpol/engine"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"aurora.example/tools/kyverno/internal/policy"
	"aurora.example/tools/protocol"
)

// sources are the sections as they came, kept because exceptions are compiled into policies.
type sources struct {
	policies, exceptions []json.RawMessage
}

// configure replaces the sections that are present and compiles every policy once.
func (s *Session) configure(_ context.Context, body json.RawMessage) (any, error) {
	var c Configure
	if err := protocol.Decode(body, &c); err != nil {
		return nil, err
	}
	namespaces, err := describe(c.Namespaces)
	if err != nil {
		return nil, err
	}
	if c.Resources != nil {
		if err := s.table.Replace(*c.Resources); err != nil {
			return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: err.Error()}
		}
	}
	if c.Namespaces != nil {
		s.namespaces = namespaces
	}
	s.limit.Set(c.TimeLimitMilliseconds)
	if c.Policies != nil {
		s.sources.policies = *c.Policies
	}
	if c.Exceptions != nil {
		s.sources.exceptions = *c.Exceptions
	}
	if c.Policies != nil || c.Exceptions != nil {
		s.compile()
	}
	return s.configured(), nil
}

// describe makes namespaces as the API server would have them; it adds the label that the server adds.
func describe(given *[]Namespace) (map[string]*corev1.Namespace, error) {
	if given == nil {
		return nil, nil
	}
	result := make(map[string]*corev1.Namespace, len(*given))
	for i, namespace := range *given {
		if namespace.Name == "" || result[namespace.Name] != nil {
			message := fmt.Sprintf("`namespaces[%d]` needs a name of its own", i)
			return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: message}
		}
		labels := maps.Clone(namespace.Labels)
		if labels == nil {
			labels = map[string]string{}
		}
		labels[corev1.LabelMetadataName] = namespace.Name
		result[namespace.Name] = &corev1.Namespace{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{Name: namespace.Name, Labels: labels, Annotations: namespace.Annotations},
		}
	}
	return result, nil
}

// compile reads and compiles everything anew; what is refused takes no part.
func (s *Session) compile() {
	s.policies, s.variants = nil, nil
	loaded, refused := s.loader.Policies(s.sources.policies)
	s.exceptions, s.refused = s.loader.Exceptions(s.sources.exceptions, loaded)
	s.refused = append(refused, s.refused...)
	var compiled []vpolengine.Policy
	for _, candidate := range loaded {
		if candidate.Cluster != nil {
			s.policies = append(s.policies, candidate)
			continue
		}
		variants, refusal := candidate.Compile(s.exceptions)
		if refusal != nil {
			s.refused = append(s.refused, refusal)
			continue
		}
		s.policies = append(s.policies, candidate)
		s.variants = append(s.variants, variants...)
		for _, variant := range variants {
			compiled = append(compiled, variant.Compiled)
		}
	}
	fetch := func(context.Context) ([]vpolengine.Policy, error) { return compiled, nil }
	s.engine = vpolengine.NewEngine(vpolengine.ProviderFunc(fetch), s.namespace, s.matcher)
}

// namespace resolves a namespace for Kyverno; objects in unknown ones are not handed over.
func (s *Session) namespace(name string) *corev1.Namespace { return s.namespaces[name] }

func (s *Session) configured() *Configured {
	result := &Configured{
		Policies: []PolicyInUse{}, Exceptions: []ExceptionInUse{}, Refused: s.refused,
		Namespaces: len(s.namespaces), Resources: s.table.Len(),
	}
	if result.Refused == nil {
		result.Refused = []*policy.Refusal{}
	}
	for _, p := range s.policies {
		result.Policies = append(result.Policies, s.inUse(p))
	}
	for _, exception := range s.exceptions {
		inUse := ExceptionInUse{Key: policy.Key(exception.Object), Policies: []string{}, ReportResult: exception.Object.Spec.ReportResult}
		for _, p := range s.policies {
			if exception.Names(p) {
				inUse.Policies = append(inUse.Policies, p.Name)
			}
		}
		result.Exceptions = append(result.Exceptions, inUse)
	}
	return result
}

func (s *Session) inUse(p *policy.Policy) PolicyInUse {
	if p.Cluster != nil {
		return PolicyInUse{
			Pointer: p.Pointer, APIVersion: p.APIVersion, Name: p.Name,
			Actions: []string{}, Autogen: []string{}, Exceptions: []string{}, Reads: []string{}, UnknownResources: []string{},
		}
	}
	result := PolicyInUse{
		Pointer: p.Pointer, APIVersion: p.APIVersion, Name: p.Name,
		FailurePolicy: string(p.Object.GetFailurePolicy(false)),
		Actions:       []string{}, Autogen: []string{}, Exceptions: []string{}, Reads: []string{},
		UnknownResources: s.unknownResources(p),
	}
	result.Reads = append(result.Reads, p.Reads...)
	for _, action := range p.Object.Spec.ValidationActions() {
		result.Actions = append(result.Actions, string(action))
	}
	slices.Sort(result.Actions)
	for _, variant := range s.variants {
		if variant.Policy == p && variant.Autogen != "" {
			result.Autogen = append(result.Autogen, variant.Autogen)
		}
	}
	for _, exception := range s.exceptions {
		if exception.Names(p) {
			result.Exceptions = append(result.Exceptions, policy.Key(exception.Object))
		}
	}
	return result
}

// unknownResources lists what a policy's rules name and no known kind is stored as.
func (s *Session) unknownResources(p *policy.Policy) []string {
	unknown := []string{}
	for _, rule := range p.Object.Spec.MatchConstraints.ResourceRules {
		for _, resource := range rule.Resources {
			plural, _, _ := strings.Cut(resource, "/")
			known := func(group string) bool { return s.table.Has(group, plural) }
			if !slices.ContainsFunc(rule.APIGroups, known) {
				unknown = append(unknown, strings.Join(rule.APIGroups, ",")+"/"+resource)
			}
		}
	}
	return unknown
}
