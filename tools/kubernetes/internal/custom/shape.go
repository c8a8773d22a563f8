package custom

import (
	"k8s.io/apimachinery/pkg/runtime/schema"

	"aurora.example/tools/kubernetes/internal/shape"
)

// Shape says what the definition of a kind declares of its values; nothing where the kind cannot be used.
func (d *Definitions) Shape(gvk schema.GroupVersionKind) shape.Shape {
	compiled, refused, err := d.resolve(gvk)
	if err != nil || refused != nil {
		return shape.Unknown{}
	}
	return shape.Custom(compiled.structural)
}
