package builtin

import (
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"aurora.example/tools/kubernetes/internal/finding"
)

// promoted are fields of a definition that its internal form lifts out of the versions when all versions agree
// (apiextensions' conversion from v1); the server names them by their internal path.
var promoted = map[string]string{
	"spec.validation":               "spec.versions[0].schema",
	"spec.subresources":             "spec.versions[0].subresources",
	"spec.additionalPrinterColumns": "spec.versions[0].additionalPrinterColumns",
	"spec.selectableFields":         "spec.versions[0].selectableFields",
}

// relocate points findings about internal paths at the field of the manifest.
func relocate(found []finding.Finding, gvk schema.GroupVersionKind, tree map[string]any) []finding.Finding {
	if gvk.Kind != "CustomResourceDefinition" {
		return found
	}
	for i, f := range found {
		for internal, external := range promoted {
			if rest, ok := strings.CutPrefix(f.Field, internal); ok && (rest == "" || strings.ContainsAny(rest[:1], ".[")) {
				found[i].Pointer = finding.Locate(tree, external+rest)
			}
		}
	}
	return found
}
