package stored

import (
	"testing"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"

	"aurora.example/tools/kubernetes/internal/shape"
)

func object(properties map[string]structuralschema.Structural) structuralschema.Structural {
	return structuralschema.Structural{Properties: properties}
}

func list(kind string, item structuralschema.Structural) structuralschema.Structural {
	return structuralschema.Structural{
		Items:      &item,
		Extensions: structuralschema.Extensions{XListType: &kind, XListMapKeys: []string{"name"}},
	}
}

func TestDefaultsAreMissedInWhatIsAppliedAsAWhole(t *testing.T) {
	item := object(map[string]structuralschema.Structural{"name": {}, "weight": {}})
	atomic := "atomic"
	whole := item
	whole.XMapType = &atomic
	form := structuralschema.Structural{Properties: map[string]structuralschema.Structural{"spec": object(map[string]structuralschema.Structural{
		"plain": {Items: &item}, "atomic": list("atomic", item), "keyed": list("map", item), "map": item, "whole": whole,
		"nested": list("map", object(map[string]structuralschema.Structural{"inner": {Items: &item}})),
	})}}
	sent, kept := map[string]any{"name": "a"}, map[string]any{"name": "a", "weight": int64(1)}
	for field, want := range map[string]string{
		"plain": "/spec/plain/0", "atomic": "/spec/atomic/0", "keyed": "", "map": "", "whole": "/spec/whole", "nested": "/spec/nested/0/inner/0",
	} {
		wrap := func(value map[string]any) map[string]any {
			var content any = []any{value}
			switch field {
			case "map", "whole":
				content = value
			case "nested":
				content = []any{map[string]any{"name": "b", "inner": []any{value}}}
			}
			return map[string]any{"spec": map[string]any{field: content}}
		}
		found := Filled(wrap(sent), wrap(kept), shape.Custom(&form))
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].Pointer != want) {
			t.Errorf("%s: %+v", field, found)
		}
		if again := Filled(wrap(kept), wrap(kept), shape.Custom(&form)); len(again) > 0 {
			t.Errorf("%s: what is written out is missed: %+v", field, again)
		}
	}
}
