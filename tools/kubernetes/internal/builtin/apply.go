package builtin

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"sigs.k8s.io/structured-merge-diff/v6/typed"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/shape"
)

// applicable says why a server-side apply refuses an object that a plain creation accepts: items of a list
// that share their key cannot be told apart.
func (k *Kind) applicable(object *Object, document *manifest.Document) []finding.Finding {
	if finding.Refused(object.Findings) || k.Scheme != legacyscheme.Scheme || !repeats(document.Tree()) {
		return nil
	}
	decoded := object.Decoded.DeepCopyObject()
	decoded.GetObjectKind().SetGroupVersionKind(object.GVK)
	_, err := shape.Converter().ObjectToTyped(decoded)
	var invalid typed.ValidationErrors
	if err == nil || !errors.As(err, &invalid) {
		return nil
	}
	found := make([]finding.Finding, 0, len(invalid))
	for _, e := range invalid {
		found = append(found, finding.Finding{
			Rule: finding.CreateRefused, Severity: finding.Error, Type: "FieldValueDuplicate", Apply: finding.ServerSide,
			Message: fmt.Sprintf("failed to create typed patch object (%s/%s; %s): %s", document.Namespace, document.Name, object.GVK, e.Error()),
			Field:   strings.TrimPrefix(e.Path, "."), Pointer: finding.LocateKeyed(document.Tree(), e.Path),
		})
	}
	return found
}

// listKeys are fields by which lists of built-in kinds tell their items apart (x-kubernetes-list-map-keys of the
// server's OpenAPI document); conditions, which manifests do not set, are left out.
var listKeys = []string{
	"name", "key", "ip", "uid", "port", "containerPort", "mountPath", "devicePath", "topologyKey", "resourceName", "driver", "device",
}

// repeats is the cheap look that spares nearly every object the costly one: some list may hold a key twice.
func repeats(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, child := range v {
			if repeats(child) {
				return true
			}
		}
	case []any:
		return repeatsItem(v)
	}
	return false
}

func repeatsItem(list []any) bool {
	seen := map[any]bool{}
	for _, item := range list {
		for _, identity := range identities(item) {
			if seen[identity] {
				return true
			}
			seen[identity] = true
		}
		if repeats(item) {
			return true
		}
	}
	return false
}

// identities are what may tell an item apart from its neighbours.
func identities(item any) []any {
	switch v := item.(type) {
	case map[string]any:
		var found []any
		for _, key := range listKeys {
			switch value := v[key].(type) {
			case string, int64, float64:
				found = append(found, [2]any{key, value})
			}
		}
		return found
	case string, int64, float64, bool:
		return []any{v}
	}
	return nil
}
