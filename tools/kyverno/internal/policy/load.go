package policy

import (
	"encoding/json"
	"fmt"
	"sync"

	policiesv1beta1 "github.com/kyverno/api/api/policies.kyverno.io/v1beta1"
	kyvernov1 "github.com/kyverno/kyverno/api/kyverno/v1"
	"github.com/kyverno/kyverno/ext/resource/convert"
	resourceloader "github.com/kyverno/kyverno/ext/resource/loader"
	"github.com/kyverno/kyverno/pkg/cel/autogen"
	"sigs.k8s.io/kubectl-validate/pkg/openapiclient"
)

// Loader reads entries with the definitions that Kyverno ships. It is not for use by several goroutines.
type Loader struct {
	schemas resourceloader.Loader
	cluster func() (resourceloader.Loader, error)
}

// NewLoader reads Kyverno's definitions of the kinds that it takes.
func NewLoader() (*Loader, error) {
	schemas, err := openLoader(readKinds)
	if err != nil {
		return nil, err
	}
	return &Loader{schemas, sync.OnceValues(func() (resourceloader.Loader, error) { return openLoader(clusterKinds) })}, nil
}

func openLoader(names []string) (resourceloader.Loader, error) {
	shipped, err := openDefinitions(names)
	if err != nil {
		return nil, fmt.Errorf("read Kyverno's definitions: %w", err)
	}
	schemas, err := resourceloader.New(openapiclient.NewLocalCRDFiles(shipped))
	if err != nil {
		return nil, fmt.Errorf("read Kyverno's definitions: %w", err)
	}
	return schemas, nil
}

// Policy is one policy that can be judged from an object alone, not yet compiled: either a ValidatingPolicy or a
// ClusterPolicy.
type Policy struct {
	Identity
	Pointer string
	Object  *policiesv1beta1.ValidatingPolicy
	Cluster *kyvernov1.ClusterPolicy
	// Reads lists what beside the object decides: `clock` or `chance`. Results of such a policy do not repeat.
	Reads []string
}

// Policies reads entries of the section `policies`; every entry ends up in one of the two lists.
func (l *Loader) Policies(entries []json.RawMessage) (loaded []*Policy, refused []*Refusal) {
	names := map[string][]*Policy{}
	for i, raw := range entries {
		pointer := fmt.Sprintf("/policies/%d", i)
		policy, refusal := l.policy(raw)
		if refusal != nil {
			refusal.Pointer = pointer
			refused = append(refused, refusal)
			continue
		}
		policy.Pointer = pointer
		names[policy.Name] = append(names[policy.Name], policy)
		loaded = append(loaded, policy)
	}
	return withoutDuplicates(loaded, refused, names)
}

// withoutDuplicates refuses every policy whose name is not its own.
func withoutDuplicates(loaded []*Policy, refused []*Refusal, names map[string][]*Policy) ([]*Policy, []*Refusal) {
	var unique []*Policy
	for _, policy := range loaded {
		if len(names[policy.Name]) == 1 {
			unique = append(unique, policy)
			continue
		}
		refusal := refuse(DuplicateName, "%d policies are called `%s`", len(names[policy.Name]), policy.Name)
		refusal.Pointer, refusal.Identity = policy.Pointer, policy.Identity
		refused = append(refused, refusal)
	}
	return unique, refused
}

// typed reads an entry of one kind; accept may refuse what Kyverno's definition allows.
func typed[T any](schemas resourceloader.Loader, raw json.RawMessage, kind string, accept func(*T) *Refusal) (Identity, *T, *Refusal) {
	doc, refusal := read(raw)
	if refusal == nil {
		refusal = supported(doc.gvk(), kind)
	}
	var object *T
	if refusal == nil {
		_, untyped, err := schemas.Load(doc.data)
		if err == nil {
			object, err = convert.To[T](untyped)
		}
		if err != nil {
			refusal = refuse(Invalid, "%v", err)
		} else {
			refusal = accept(object)
		}
	}
	if refusal != nil {
		refusal.Identity = doc.identity
	}
	return doc.identity, object, refusal
}

func (l *Loader) policy(raw json.RawMessage) (*Policy, *Refusal) {
	if doc, _ := read(raw); doc.identity.Kind == clusterKind {
		return l.clusterPolicy(raw)
	}
	var reads []string
	identity, object, refusal := typed(l.schemas, raw, judgedKind, func(object *policiesv1beta1.ValidatingPolicy) (refusal *Refusal) {
		spec := object.GetValidatingPolicySpec()
		if refusal = judgeable(spec); refusal == nil {
			reads, refusal = examine(spec)
		}
		return refusal
	})
	if refusal != nil {
		return nil, refusal
	}
	// What a cluster wrote about an installed policy is no part of it.
	object.Status = policiesv1beta1.ValidatingPolicyStatus{}
	return &Policy{Identity: identity, Object: object, Reads: reads}, nil
}

// judgeable refuses specs that judge something else, nothing, or less than they say.
func judgeable(spec *policiesv1beta1.ValidatingPolicySpec) *Refusal {
	if mode := spec.EvaluationMode(); mode != kubernetesMode {
		return refuse(UnsupportedMode, "it judges payloads of mode `%s`, not Kubernetes objects", mode).at("spec.evaluation.mode")
	}
	if spec.MatchConstraints == nil || len(spec.MatchConstraints.ResourceRules) == 0 {
		return refuse(Invalid, "a policy needs at least one resource rule").at("spec.matchConstraints.resourceRules")
	}
	if len(spec.Validations) == 0 {
		return refuse(Invalid, "a policy without validations passes everything").at("spec.validations")
	}
	return controllers(spec)
}

// controllers refuses names that autogen would leave out without a word.
func controllers(spec *policiesv1beta1.ValidatingPolicySpec) *Refusal {
	if spec.AutogenConfiguration == nil || spec.AutogenConfiguration.PodControllers == nil {
		return nil
	}
	for i, name := range spec.AutogenConfiguration.PodControllers.Controllers {
		if autogen.ResolveConfig(name) == nil {
			return refuse(UnknownController, "`%s` is neither a known controller nor `<resource>.<version>.<group>`", name).at(fmt.Sprintf("spec.autogen.podControllers.controllers[%d]", i))
		}
	}
	return nil
}
