// Package shape says what the schema of a kind knows of its values: how the items of a list are told apart, and
// which scalars have several spellings.
//
// It reads schemas and no objects, and must not know what is done with its answers.
package shape

// Shape describes one value and everything below it.
type Shape interface {
	// Field is the shape of a map's entry.
	Field(name string) Shape
	// Item is the shape of a list's items.
	Item() Shape
	// List says how a list's items are told apart.
	List() List
	// Scalar says which spellings of a scalar are one value.
	Scalar() Scalar
}

// List says how the items of a list are told apart: by the values of keys, by themselves, or by position only.
type List struct {
	Keys []string
	Set  bool
}

// Scalar is a kind of scalar.
type Scalar int

// The kinds of scalars: a plain one has one spelling.
const (
	Plain Scalar = iota
	Quantity
	Time
	Bytes
)

// Unknown is the shape of what no schema describes.
type Unknown struct{}

// Field implements Shape.
func (Unknown) Field(string) Shape { return Unknown{} }

// Item implements Shape.
func (Unknown) Item() Shape { return Unknown{} }

// List implements Shape.
func (Unknown) List() List { return List{} }

// Scalar implements Shape.
func (Unknown) Scalar() Scalar { return Plain }
