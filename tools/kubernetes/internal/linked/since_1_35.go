//go:build !kubernetes_1_34

package linked

import (
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	"k8s.io/apiserver/pkg/cel/environment"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/pod-security-admission/policy"
)

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
