package builtin

import (
	"errors"
	"strings"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
)

// promoted are fields of a definition that its internal form lifts out of the versions when all versions agree
// (apiextensions' conversion from v1); the server names them by their internal path.
var promoted = map[string]string{
	"spec.validation":               "spec.versions[0].schema",
	"spec.subresources":             "spec.versions[0].subresources",
	"spec.additionalPrinterColumns": "spec.versions[0].additionalPrinterColumns",
	"spec.selectableFields":         "spec.versions[0].selectableFields",
}

// refused turns an error into findings that point at fields of the manifest.
func refused(rule finding.Rule, err error, document *manifest.Document) []finding.Finding {
	tree := document.Tree()
	found := finding.FromError(rule, err, tree)
	if plugin := (refusal{}); errors.As(err, &plugin) {
		found[0].Pointer = plugin.pointer
	}
	if document.GVK.Kind != "CustomResourceDefinition" {
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
