package kind

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestPluralsAndScopes(t *testing.T) {
	table, err := NewTable()
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Replace([]Resource{{Group: "example.com", Version: "v1", Kind: "Chassis", Plural: "chassis"}}); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		apiVersion, kind, plural string
		namespaced, known        bool
	}{
		{"v1", "Pod", "pods", true, true},
		{"v1", "Endpoints", "endpoints", true, true},
		{"v1", "Namespace", "namespaces", false, true},
		{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true, true},
		{"networking.k8s.io/v1", "IngressClass", "ingressclasses", false, true},
		{"policy/v1beta1", "PodDisruptionBudget", "poddisruptionbudgets", true, true},
		{"example.com/v2", "Chassis", "chassis", false, true},
		{"example.com/v1", "Pod", "", false, false},
		{"v1", "pod", "", false, false},
		{"autoscaling/v1", "Scale", "", false, false},
	}
	for _, c := range cases {
		gvk := schema.FromAPIVersionAndKind(c.apiVersion, c.kind)
		resource, known := table.Find(gvk)
		if known != c.known || resource.Plural != c.plural || resource.Namespaced != c.namespaced {
			t.Errorf("%s: %+v, %v", gvk, resource, known)
		}
		if known && resource.GVR() != gvk.GroupVersion().WithResource(c.plural) {
			t.Errorf("%s: %s", gvk, resource.GVR())
		}
	}
}

func TestReplacingForgetsWhatWasAddedBefore(t *testing.T) {
	table, err := NewTable()
	if err != nil {
		t.Fatal(err)
	}
	builtin := table.Len()
	if err := table.Replace([]Resource{{Version: "v1", Kind: "A", Plural: "as"}, {Version: "v1", Kind: "B", Plural: "bs"}}); err != nil {
		t.Fatal(err)
	}
	if table.Len() != builtin+2 || !table.Has("", "bs") || !table.Has("*", "bs") || table.Has("other", "bs") {
		t.Fatalf("%d kinds", table.Len())
	}
	if err := table.Replace([]Resource{{Version: "v1", Kind: "A", Plural: "as"}}); err != nil {
		t.Fatal(err)
	}
	if table.Len() != builtin+1 || table.Has("", "bs") {
		t.Fatalf("%d kinds", table.Len())
	}
}
