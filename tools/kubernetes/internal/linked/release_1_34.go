//go:build kubernetes_1_34

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

// Version is the version of the module k8s.io/kubernetes; a test compares it with versions/1.34/go.mod.
const Version = "v1.34.4"

// Minor is its minor version; its major version is 1.
const Minor = 34

// Expressions makes the CEL environment of admission policies.
func Expressions() *environment.EnvSet {
	return environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion(), true)
}

// PodSecurity makes the evaluator of checks.
func PodSecurity(checks []policy.Check) (policy.Evaluator, error) {
	return policy.NewEvaluator(checks)
}

// Initializer gives admission plugins what they look things up with.
func Initializer(client kubernetes.Interface, classes informers.SharedInformerFactory) admission.PluginInitializer {
	return initializer.New(client, nil, classes, nil, utilfeature.DefaultFeatureGate, nil, nil)
}
