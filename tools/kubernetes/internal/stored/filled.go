package stored

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/shape"
)

// Filled lists defaults that the server adds inside lists and maps that an apply replaces as a whole. After a server-side
// apply Argo CD merges the manifest with the stored object itself, without the defaults of definitions, and finds them
// missing (gitops engine, structuredMergeDiff); its other ways to compare leave them out.
func Filled(emitted, stored map[string]any, form shape.Shape) []finding.Finding {
	var found []finding.Finding
	for _, key := range slices.Sorted(maps.Keys(emitted)) {
		if key != "metadata" && key != "status" {
			found = filled(found, "/"+finding.Escape(key), form.Field(key), emitted[key], stored[key], false)
		}
	}
	return found
}

func filled(found []finding.Finding, pointer string, form shape.Shape, emitted, stored any, whole bool) []finding.Finding {
	switch e := emitted.(type) {
	case map[string]any:
		s, _ := stored.(map[string]any)
		if atomic, ok := form.(interface{ Atomic() bool }); ok && atomic.Atomic() {
			whole = true
		}
		if added := added(e, s); whole && len(added) > 0 {
			found = append(found, finding.Finding{
				Rule: finding.Drift, Severity: finding.Warning, Pointer: pointer, Apply: finding.ServerSide,
				Message: fmt.Sprintf("the server adds %s to what is applied as a whole: Argo CD would keep showing the object as "+
					"OutOfSync until the manifest has them too", strings.Join(added, ", ")),
			})
		}
		for _, key := range slices.Sorted(maps.Keys(e)) {
			found = filled(found, finding.Join(pointer, key), form.Field(key), e[key], s[key], whole)
		}
	case []any:
		s, _ := stored.([]any)
		list := form.List()
		whole = whole || len(list.Keys) == 0 && !list.Set
		for i := range min(len(e), len(s)) {
			found = filled(found, finding.Join(pointer, strconv.Itoa(i)), form.Item(), e[i], s[i], whole)
		}
	}
	return found
}

// added names the fields that only the stored object has, with their values.
func added(emitted, stored map[string]any) (fields []string) {
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		if emitted[key] == nil {
			value, _ := json.Marshal(stored[key])
			fields = append(fields, fmt.Sprintf("`%s: %s`", key, value))
		}
	}
	return fields
}
