package policy

import (
	"encoding/json"
	"fmt"
	"slices"

	policiesv1beta1 "github.com/kyverno/api/api/policies.kyverno.io/v1beta1"
	"github.com/kyverno/kyverno/ext/resource/convert"
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
		exception, refusal := l.exception(raw)
		if refusal == nil {
			refusal = exempts(exception, policies)
		}
		if refusal != nil {
			refusal.Pointer = fmt.Sprintf("/exceptions/%d", i)
			refused = append(refused, refusal)
			continue
		}
		loaded = append(loaded, exception)
	}
	return loaded, refused
}

func (l *Loader) exception(raw json.RawMessage) (*Exception, *Refusal) {
	doc, refusal := read(raw)
	if refusal == nil {
		refusal = supported(doc.gvk(), exceptionKind)
	}
	var typed *policiesv1beta1.PolicyException
	if refusal == nil {
		typed, refusal = l.policyException(doc)
	}
	if refusal != nil {
		refusal.Identity = doc.identity
		return nil, refusal
	}
	return &Exception{doc.identity, typed}, nil
}

func (l *Loader) policyException(doc document) (*policiesv1beta1.PolicyException, *Refusal) {
	_, untyped, err := l.schemas.Load(doc.data)
	if err != nil {
		return nil, refuse(Invalid, "%v", err)
	}
	typed, err := convert.To[policiesv1beta1.PolicyException](untyped)
	if err != nil {
		return nil, refuse(Invalid, "%v", err)
	}
	if errs := typed.Validate(); len(errs) > 0 {
		return nil, Blame(Invalid, errs)
	}
	if errs := compiler.CompilePolicyExceptionMatchConditions(typed.Spec.MatchConditions, nil); len(errs) > 0 {
		return nil, Blame(Uncompilable, errs)
	}
	if mode := typed.Spec.EvaluationMode; mode != "" && mode != kubernetesMode {
		return nil, refuse(UnsupportedMode, "it exempts payloads of mode `%s`, not Kubernetes objects", mode)
	}
	return typed, nil
}

// exempts refuses an exception that can exempt from nothing.
func exempts(exception *Exception, policies []*Policy) *Refusal {
	var refusal *Refusal
	switch {
	case exception.Object.IsExpired():
		refusal = refuse(Expired, "it expired at %s", exception.Object.Spec.ExpiresAt.UTC().Format("2006-01-02T15:04:05Z"))
		refusal.Field = "spec.expiresAt"
	case !slices.ContainsFunc(policies, func(p *Policy) bool { return exception.Names(p) }):
		refusal = refuse(UnknownPolicy, "none of the policies that it names is judged here")
		refusal.Field = "spec.policyRefs"
	default:
		return nil
	}
	refusal.Identity = exception.Identity
	return refusal
}

// Names tells whether the exception refers to a policy.
func (e *Exception) Names(p *Policy) bool {
	return slices.ContainsFunc(e.Object.Spec.PolicyRefs, func(ref policiesv1beta1.PolicyRef) bool {
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
