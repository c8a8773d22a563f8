package policy

import (
	"encoding/json"
	"fmt"
	"slices"

	policiesv1beta1 "github.com/kyverno/api/api/policies.kyverno.io/v1beta1"
	"github.com/kyverno/kyverno/pkg/cel/compiler"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Exception is one exception that applies to a judged policy.
type Exception struct {
	Identity
	Object *policiesv1beta1.PolicyException
}

// Exceptions reads entries of the section `exceptions`; every entry ends up in one of the two lists.
//
// One that Kyverno's admission would refuse, that has expired or that names no judged policy exempts from nothing.
func (l *Loader) Exceptions(entries []json.RawMessage, policies []*Policy) (loaded []*Exception, refused []*Refusal) {
	for i, raw := range entries {
		identity, object, refusal := typed(l.schemas, raw, exceptionKind, func(object *policiesv1beta1.PolicyException) *Refusal {
			return exempts(object, policies)
		})
		if refusal != nil {
			refusal.Pointer = fmt.Sprintf("/exceptions/%d", i)
			refused = append(refused, refusal)
			continue
		}
		loaded = append(loaded, &Exception{identity, object})
	}
	return loaded, refused
}

// exempts refuses an exception that is invalid, or that can exempt from nothing.
func exempts(object *policiesv1beta1.PolicyException, policies []*Policy) *Refusal {
	if errs := object.Validate(); len(errs) > 0 {
		return Blame(Invalid, errs)
	}
	if errs := compiler.CompilePolicyExceptionMatchConditions(object.Spec.MatchConditions, nil); len(errs) > 0 {
		return Blame(Uncompilable, errs)
	}
	exception := &Exception{Object: object}
	mode := object.Spec.EvaluationMode
	switch {
	case mode != "" && mode != kubernetesMode:
		return refuse(UnsupportedMode, "it exempts payloads of mode `%s`, not Kubernetes objects", mode)
	case object.IsExpired():
		return refuse(Expired, "it expired at %s", object.Spec.ExpiresAt.UTC().Format("2006-01-02T15:04:05Z")).at("spec.expiresAt")
	case !slices.ContainsFunc(policies, exception.Names):
		return refuse(UnknownPolicy, "none of the policies that it names is judged here").at("spec.policyRefs")
	}
	return nil
}

// Names tells whether the exception refers to a policy.
func (e *Exception) Names(p *Policy) bool {
	return p.Object != nil && slices.ContainsFunc(e.Object.Spec.PolicyRefs, func(ref policiesv1beta1.PolicyRef) bool {
		return ref.Name == p.Name && ref.Kind == judgedKind
	})
}

// Key names an exception as Kyverno's messages do.
func Key(exception interface {
	GetNamespace() string
	GetName() string
}) string {
	if exception.GetNamespace() == "" {
		return exception.GetName()
	}
	return exception.GetNamespace() + "/" + exception.GetName()
}

// Blame makes a refusal of the first error that names a field, without the value that Kyverno repeats.
func Blame(reason Reason, errs field.ErrorList) *Refusal {
	for _, err := range errs {
		if err.Field != "" && err.Field != "<nil>" {
			refusal := refuse(reason, "%s", err.Detail)
			if err.Detail == "" {
				refusal = refuse(reason, "%s", err.ErrorBody())
			}
			refusal.Field = err.Field
			return refusal
		}
	}
	return refuse(reason, "%v", errs.ToAggregate())
}
