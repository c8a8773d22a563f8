//go:build !kubernetes_1_34 && !kubernetes_1_36

// Package linked is what differs between the releases of Kubernetes that the program can be built against.
//
// This file is for the release of go.mod; one of versions/ has a file with its build tag. The package must not judge.
package linked

import (
	"sync"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/registry/rest"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/kubernetes/pkg/registry/resource/resourceclaim"
	"k8s.io/pod-security-admission/policy"
)

// Version is the version of the module k8s.io/kubernetes; a test compares it with go.mod.
const Version = "v1.35.4"

// Minor is its minor version; its major version is 1.
const Minor = 35

// Expressions makes the CEL environment of admission policies.
func Expressions() *environment.EnvSet {
	return environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion())
}

// PodSecurity makes the evaluator of checks.
func PodSecurity(checks []policy.Check) (policy.Evaluator, error) {
	return policy.NewEvaluator(checks, nil)
}

// Initializer gives admission plugins what they look things up with.
func Initializer(client kubernetes.Interface, classes informers.SharedInformerFactory) admission.PluginInitializer {
	return initializer.New(client, nil, classes, nil, utilfeature.DefaultFeatureGate, nil, nil, nil)
}

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
