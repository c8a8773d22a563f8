package shape

import (
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/applyconfigurations"
	smd "sigs.k8s.io/structured-merge-diff/v6/schema"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

const quantityType = "io.k8s.apimachinery.pkg.api.resource.Quantity"

// Converter holds the schemas by which server-side apply merges; reading them takes a twentieth of a second.
var Converter = sync.OnceValue(func() managedfields.TypeConverter {
	return applyconfigurations.NewTypeConverter(legacyscheme.Scheme)
})

// Builtin is the shape of a kind that Kubernetes serves; Unknown where server-side apply has no schema of it.
func Builtin(gvk schema.GroupVersionKind) Shape {
	object, err := legacyscheme.Scheme.New(gvk)
	if err != nil {
		return Unknown{}
	}
	object.GetObjectKind().SetGroupVersionKind(gvk)
	return typeOf(object)
}

// metadata is the shape of every object's metadata.
func metadata() Shape {
	pod := &corev1.Pod{}
	pod.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	return typeOf(pod).Field("metadata")
}

func typeOf(object runtime.Object) Shape {
	value, err := Converter().ObjectToTyped(object)
	if err != nil {
		return Unknown{}
	}
	return merged{value.Schema(), value.TypeRef()}
}

// merged reads a schema of server-side apply.
type merged struct {
	schema *smd.Schema
	ref    smd.TypeRef
}

func (m merged) atom() smd.Atom {
	atom, _ := m.schema.Resolve(m.ref)
	return atom
}

// Field implements Shape.
func (m merged) Field(name string) Shape {
	fields := m.atom().Map
	if fields == nil {
		return Unknown{}
	}
	if field, ok := fields.FindField(name); ok {
		return merged{m.schema, field.Type}
	}
	return merged{m.schema, fields.ElementType}
}

// Item implements Shape.
func (m merged) Item() Shape {
	if list := m.atom().List; list != nil {
		return merged{m.schema, list.ElementType}
	}
	return Unknown{}
}

// List implements Shape.
func (m merged) List() List {
	list := m.atom().List
	if list == nil || list.ElementRelationship != smd.Associative {
		return List{}
	}
	return List{Keys: list.Keys, Set: len(list.Keys) == 0}
}

// Scalar implements Shape. Times and bytes have one spelling once the server's types have been through them.
func (m merged) Scalar() Scalar {
	if m.ref.NamedType != nil && *m.ref.NamedType == quantityType {
		return Quantity
	}
	return Plain
}
