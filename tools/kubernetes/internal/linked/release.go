//go:build !kubernetes_1_34

// Package linked is what differs between the releases of Kubernetes that the program can be built against.
//
// This file is for the release of go.mod; one of versions/ has a file with its build tag. The package must not judge.
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
