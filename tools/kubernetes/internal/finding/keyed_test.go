package finding

import "testing"

func TestPathsOfServerSideApplyLeadIntoTheManifest(t *testing.T) {
	manifest := map[string]any{"spec": map[string]any{
		"containers": []any{
			map[string]any{"name": "a"},
			map[string]any{"name": `b"]`, "ports": []any{map[string]any{"containerPort": int64(80)}, map[string]any{"containerPort": int64(81)}}},
		},
		"modes": []any{"x", "y"},
	}}
	for path, pointer := range map[string]string{
		`.spec.containers[name="a"]`: "/spec/containers/0",
		`.spec.containers[name="b\"]"].ports[containerPort=81,protocol="TCP"]`: "/spec/containers/1/ports/1",
		`.spec.containers[name="c"].env`:                                       "/spec/containers",
		`.spec.modes[="y"]`:                                                    "/spec/modes/1",
		`.spec.nothing`:                                                        "/spec",
		`~`:                                                                    "",
		``:                                                                     "",
	} {
		if got := LocateKeyed(manifest, path); got != pointer {
			t.Errorf("%s: %s, not %s", path, got, pointer)
		}
	}
}
