// Package builtin judges objects of the kinds that Kubernetes itself serves, with the API server's own code.
//
// It owns the table of kinds and strategies, and what the server fills in between decoding and validating. It
// must not know of custom resources, of Pod Security, or of the protocol.
package builtin

import (
	"context"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
)

// Strategy is a registry's strategy for one kind.
type Strategy = rest.RESTCreateUpdateStrategy

// Kind is one row of the table: how the server handles one resource.
type Kind struct {
	Group    string
	Kind     string
	Resource string
	// Versions are those served by default, as pkg/controlplane's DefaultAPIResourceConfigSource has them.
	Versions []string
	Strategy Strategy
	// Unstored says why the server keeps no object of this kind; then Strategy is nil.
	Unstored string
	Scheme   *runtime.Scheme
	// Begin yields the storage hooks that run before the strategy; nil for most kinds.
	Begin func(obj runtime.Object) Hooks

	table *Table
}

// Hooks are what a registry's storage does before the strategy sees the object.
type Hooks interface {
	BeginCreate(ctx context.Context, obj runtime.Object, options *metav1.CreateOptions) (genericregistry.FinishFunc, error)
	BeginUpdate(ctx context.Context, obj, old runtime.Object, options *metav1.UpdateOptions) (genericregistry.FinishFunc, error)
}

// Serves reports whether a version is served by default.
func (k *Kind) Serves(version string) bool { return slices.Contains(k.Versions, version) }

// GVR names the resource in one version.
func (k *Kind) GVR(version string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: k.Group, Version: version, Resource: k.Resource}
}

// Table holds every row, by group and kind.
type Table struct {
	kinds    map[schema.GroupKind]*Kind
	schemes  []*runtime.Scheme
	classes  classes
	services *services
	chain    func() ([]admission.Interface, error)
}

// Find returns the row of a kind.
func (t *Table) Find(gk schema.GroupKind) (*Kind, bool) {
	kind, ok := t.kinds[gk]
	return kind, ok
}

// All returns every row in no particular order.
func (t *Table) All() []*Kind { return slices.Collect(maps.Values(t.kinds)) }

// Registered returns the scheme that can decode a kind and version, served or not.
func (t *Table) Registered(gvk schema.GroupVersionKind) (*runtime.Scheme, bool) {
	for _, scheme := range t.schemes {
		if scheme.Recognizes(gvk) && gvk.Version != runtime.APIVersionInternal {
			return scheme, true
		}
	}
	return nil, false
}

// OwnsGroup reports whether Kubernetes itself serves the group, so that a CRD cannot.
func (t *Table) OwnsGroup(group string) bool {
	return slices.ContainsFunc(t.schemes, func(scheme *runtime.Scheme) bool { return scheme.IsGroupRegistered(group) })
}
