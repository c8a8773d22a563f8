//go:build kubernetes_1_36

package linked

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/registry/rest"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaim"
)

// Version is the version of the module k8s.io/kubernetes; a test compares it with versions/1.36/go.mod.
const Version = "v1.36.3"

// Minor is its minor version; its major version is 1.
const Minor = 36

// Compiler makes a compiler of the expressions of an admission policy.
func Compiler() (*cel.CompositedCompiler, error) {
	return cel.NewCompositedCompiler(Expressions())
}

// Validator makes the evaluator of an admission policy.
func Validator(validations cel.ConditionEvaluator, matcher matchconditions.Matcher, annotations, messages cel.ConditionEvaluator, failure *admissionv1.FailurePolicyType) validating.Validator {
	return validating.NewValidator(validations, matcher, annotations, messages, failure, nil)
}

// ResourceClaims makes the strategy of ResourceClaims; nobody asks it for the rights that only a change of status needs.
func ResourceClaims(namespaces corev1client.NamespaceInterface) rest.RESTCreateUpdateStrategy {
	return resourceclaim.NewStrategy(namespaces, nil)
}
