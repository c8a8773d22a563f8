package builtin

import (
	"reflect"
	"slices"

	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/shape"
)

// discriminator is the field by which unions of Kubernetes choose a member: another value frees the members' fields.
const discriminator = "type"

// mergesAlike reports whether a client's merge and the server's come to the same object: both manifests say the same
// fields, lists hold the same items in the same places, and only values of plain fields differ. It may say no although
// the merges are alike, never the other way round; most changes, such as another image or another number, get a yes
// and need one merge instead of two.
func mergesAlike(document, old *manifest.Document) bool {
	return document.GVK == old.GVK && valuesOnly(old.Tree(), document.Tree(), shape.Builtin(document.GVK))
}

func valuesOnly(before, after any, known shape.Shape) bool {
	switch b := before.(type) {
	case map[string]any:
		a, ok := after.(map[string]any)
		return ok && mapsValuesOnly(b, a, known)
	case []any:
		a, ok := after.([]any)
		return ok && listsValuesOnly(b, a, known)
	}
	switch after.(type) {
	case map[string]any, []any:
		return false
	}
	return (before == nil) == (after == nil)
}

func mapsValuesOnly(before, after map[string]any, known shape.Shape) bool {
	if len(before) != len(after) {
		return false
	}
	for name, value := range before {
		other, both := after[name]
		if !both || name == discriminator && !reflect.DeepEqual(value, other) {
			return false
		}
		if !valuesOnly(value, other, known.Field(name)) {
			return false
		}
	}
	return true
}

// listsValuesOnly compares items of lists that have keys; other lists are replaced or merged in ways of their own.
func listsValuesOnly(before, after []any, known shape.Shape) bool {
	keys := known.List().Keys
	if len(keys) == 0 {
		return reflect.DeepEqual(before, after)
	}
	if len(before) != len(after) || confusable(before, keys[0]) {
		return false
	}
	for i := range before {
		b, isMap := before[i].(map[string]any)
		a, both := after[i].(map[string]any)
		differs := func(key string) bool { return !reflect.DeepEqual(b[key], a[key]) }
		if !isMap || !both || slices.ContainsFunc(keys, differs) || !mapsValuesOnly(b, a, known.Item()) {
			return false
		}
	}
	return true
}

// confusable reports whether a client may take one item for another: where the server has several keys, such as a port and
// its protocol, the client has the first one only.
func confusable(items []any, key string) bool {
	seen := make(map[any]bool, len(items))
	for _, item := range items {
		fields, _ := item.(map[string]any)
		switch value := fields[key].(type) {
		case string, int64, float64:
			if seen[value] {
				return true
			}
			seen[value] = true
		default:
			return true
		}
	}
	return false
}
