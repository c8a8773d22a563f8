//go:build !kubernetes_1_36

package linked

import (
	"sync"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/registry/rest"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaim"
)

// template is the CEL environment that all policies share.
var template = sync.OnceValues(func() (*cel.CompositionEnv, error) {
	return cel.NewCompositionEnv(cel.VariablesTypeName, Expressions())
})

// Compiler makes a compiler of the expressions of an admission policy.
func Compiler() (*cel.CompositedCompiler, error) {
	env, err := template()
	if err != nil {
		return nil, err
	}
	return cel.NewCompositedCompilerFromTemplate(env), nil
}

// Validator makes the evaluator of an admission policy.
func Validator(validations cel.ConditionEvaluator, matcher matchconditions.Matcher, annotations, messages cel.ConditionEvaluator, failure *admissionv1.FailurePolicyType) validating.Validator {
	return validating.NewValidator(validations, matcher, annotations, messages, failure)
}

// ResourceClaims makes the strategy of ResourceClaims.
func ResourceClaims(namespaces corev1client.NamespaceInterface) rest.RESTCreateUpdateStrategy {
	return resourceclaim.NewStrategy(namespaces)
}
