package main

import (
	_ "aurora.example/tools/protocol"
	_ "github.com/google/cel-go/cel"
	_ "github.com/kyverno/api/api/policies.kyverno.io/v1beta1"
	_ "github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno/data"
	_ "github.com/kyverno/kyverno/ext/resource/convert"
	_ "github.com/kyverno/kyverno/ext/resource/loader"
	_ "github.com/kyverno/kyverno/pkg/cel/engine"
	_ "github.com/kyverno/kyverno/pkg/cel/matching"
	_ "github.com/kyverno/kyverno/pkg/cel/policies/vpol"
	_ "github.com/kyverno/kyverno/pkg/cel/policies/vpol/autogen"
	_ "github.com/kyverno/kyverno/pkg/cel/policies/vpol/compiler"
	_ "github.com/kyverno/kyverno/pkg/cel/policies/vpol/engine"
	_ "k8s.io/api/admission/v1"
	_ "k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	_ "k8s.io/apiserver/pkg/admission"
	_ "k8s.io/klog/v2"
	_ "sigs.k8s.io/kubectl-validate/pkg/openapiclient"
	_ "go.yaml.in/yaml/v3"
	_ "sigs.k8s.io/yaml"
)

func main() {}
