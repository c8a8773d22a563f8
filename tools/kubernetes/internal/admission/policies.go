// Package admission evaluates the ValidatingAdmissionPolicies that the input holds, with the API server's own
// dispatcher.
//
// It owns policies, bindings and parameters. What depends on the cluster is named as not judged, never passed.
package admission

import (
	"fmt"
	"slices"
	"sync"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/client-go/tools/cache"

	"aurora.example/tools/kubernetes/internal/manifest"
)

// Group is that of policies and bindings.
const Group = admissionv1.GroupName

// Policies holds what the input says about admission.
type Policies struct {
	mutex    sync.Mutex
	policies map[string]*policy
	bindings []*admissionv1.ValidatingAdmissionPolicyBinding
	params   map[schema.GroupKind]cache.Indexer
	// Scope says whether a kind is namespaced; ok is false for an unknown kind.
	scope func(gvk schema.GroupVersionKind) (namespaced, ok bool)
}

// policy is compiled on first use.
type policy struct {
	definition *admissionv1.ValidatingAdmissionPolicy
	once       sync.Once
	evaluator  validating.Validator
}

// NewPolicies starts without any policy.
func NewPolicies(scope func(schema.GroupVersionKind) (namespaced, ok bool)) *Policies {
	return &Policies{policies: map[string]*policy{}, params: map[schema.GroupKind]cache.Indexer{}, scope: scope}
}

// Add makes a policy, a binding or a parameter known. Defaults come from the scheme of the built-in kinds.
func (p *Policies) Add(document *manifest.Document, scheme *runtime.Scheme) error {
	if document.GVK.Group != Group {
		return p.addParam(document)
	}
	if document.GVK.Version != "v1" {
		return fmt.Errorf("%s is not served", document.GVK)
	}
	object, err := scheme.New(document.GVK)
	if err != nil {
		return fmt.Errorf("read %s: %w", document.GVK, err)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(document.Copy(), object); err != nil {
		return fmt.Errorf("read %s %q: %w", document.GVK.Kind, document.Name, err)
	}
	scheme.Default(object)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch o := object.(type) {
	case *admissionv1.ValidatingAdmissionPolicy:
		p.policies[o.Name] = &policy{definition: o}
	case *admissionv1.ValidatingAdmissionPolicyBinding:
		p.bindings = append(p.bindings, o)
	default:
		return fmt.Errorf("%s is no policy, binding or parameter that is evaluated here", document.GVK.Kind)
	}
	return nil
}

func (p *Policies) addParam(document *manifest.Document) error {
	object := &unstructured.Unstructured{Object: document.Copy()}
	namespaced, known := p.scope(document.GVK)
	if known && namespaced && object.GetNamespace() == "" {
		object.SetNamespace("default")
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	gk := document.GVK.GroupKind()
	if p.params[gk] == nil {
		p.params[gk] = cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	}
	if err := p.params[gk].Add(object); err != nil {
		return fmt.Errorf("keep the parameter %q: %w", document.Name, err)
	}
	return nil
}

// pair is a policy with one of its bindings.
type pair struct {
	policy  *policy
	binding *admissionv1.ValidatingAdmissionPolicyBinding
}

// pairs lists what is evaluated, in the order of bindings; orphans are bindings whose policy is not known.
func (p *Policies) pairs() (found []pair, orphans []string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, binding := range p.bindings {
		if known, ok := p.policies[binding.Spec.PolicyName]; ok {
			found = append(found, pair{known, binding})
		} else {
			orphans = append(orphans, binding.Name)
		}
	}
	return found, orphans
}

// Count says how many policies, bindings and parameters are known.
func (p *Policies) Count() (policies, bindings, params int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, indexer := range p.params {
		params += len(indexer.ListKeys())
	}
	return len(p.policies), len(p.bindings), params
}

// OfPods names every binding of a policy about pods as not judged.
func (p *Policies) OfPods(why string) (not []NotJudged) {
	pairs, _ := p.pairs()
	for _, one := range pairs {
		constraints := one.policy.definition.Spec.MatchConstraints
		if constraints != nil && slices.ContainsFunc(constraints.ResourceRules, aboutPods) {
			not = append(not, NotJudged{one.policy.definition.Name, one.binding.Name, why})
		}
	}
	return not
}

func aboutPods(rule admissionv1.NamedRuleWithOperations) bool {
	named := func(list []string, name string) bool {
		return slices.Contains(list, name) || slices.Contains(list, "*")
	}
	return named(rule.APIGroups, corev1.GroupName) && named(rule.Resources, "pods")
}
