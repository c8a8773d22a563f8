package shape

import (
	"strings"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
)

// quantityPattern begins the pattern that controller-gen writes for every quantity.
const quantityPattern = `^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|`

// Custom is the shape of a custom kind, as its definition declares it.
func Custom(definition *structuralschema.Structural) Shape {
	return root{described{structural: definition}}
}

// root knows the metadata, of which a definition says nothing.
type root struct{ described }

// Field implements Shape.
func (r root) Field(name string) Shape {
	if name == "metadata" {
		return metadata()
	}
	return r.described.Field(name)
}

// described reads a structural schema. amounts says that it stands below the limits or requests of a container:
// many definitions declare those without a pattern.
type described struct {
	structural *structuralschema.Structural
	amounts    bool
}

// Field implements Shape.
func (d described) Field(name string) Shape {
	if property, ok := d.structural.Properties[name]; ok {
		return described{&property, name == "limits" || name == "requests"}
	}
	if extra := d.structural.AdditionalProperties; extra != nil && extra.Structural != nil {
		return described{extra.Structural, d.amounts}
	}
	return Unknown{}
}

// Item implements Shape.
func (d described) Item() Shape {
	if d.structural.Items == nil {
		return Unknown{}
	}
	return described{structural: d.structural.Items}
}

// List implements Shape.
func (d described) List() List {
	kind := d.structural.XListType
	switch {
	case kind != nil && *kind == "map":
		return List{Keys: d.structural.XListMapKeys}
	case kind != nil && *kind == "set":
		return List{Set: true}
	}
	return List{}
}

// Atomic reports whether an apply replaces the map as a whole.
func (d described) Atomic() bool {
	kind := d.structural.XMapType
	return kind != nil && *kind == "atomic"
}

// Scalar implements Shape.
func (d described) Scalar() Scalar {
	validation := d.structural.ValueValidation
	switch {
	case d.structural.XIntOrString && (d.amounts || validation != nil && strings.HasPrefix(validation.Pattern, quantityPattern)):
		return Quantity
	case validation == nil:
		return Plain
	case validation.Format == "date-time":
		return Time
	case validation.Format == "byte":
		return Bytes
	}
	return Plain
}
