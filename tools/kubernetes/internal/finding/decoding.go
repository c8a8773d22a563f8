package finding

import (
	"regexp"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime"
)

// strictError is how k8s.io/apimachinery names a field that strict decoding refuses.
var strictError = regexp.MustCompile(`^(unknown|duplicate) field "(.*)"$`)

// FromStrict turns the errors of strict decoding into findings; ok is false for any other error.
func FromStrict(err error, manifest any) (found []Finding, ok bool) {
	strict, ok := runtime.AsStrictDecodingError(err)
	if !ok {
		return nil, false
	}
	for _, e := range strict.Errors() {
		found = append(found, strictFinding(e.Error(), manifest))
	}
	return found, true
}

func strictFinding(message string, manifest any) Finding {
	f := Finding{Rule: Malformed, Severity: Error, Message: message}
	match := strictError.FindStringSubmatch(message)
	if match == nil {
		return f
	}
	f.Field, f.Pointer = match[2], Locate(manifest, match[2])
	f.Rule, f.Type = UnknownField, "FieldValueForbidden"
	if match[1] == "duplicate" {
		f.Rule, f.Type = DuplicateField, "FieldValueDuplicate"
	}
	return f
}

// Unknown says that the server would drop a field of a custom resource.
func Unknown(path string, manifest any) Finding {
	return strictFinding(`unknown field "`+path+`"`, manifest)
}

// tries bounds the decoding attempts spent on one culprit.
const tries = 400

// Culprit finds the value that makes decoding fail, since the decoder often does not name it: it leaves out one
// value after the other and looks which omission changes the error. It returns the deepest such pointer.
func Culprit(tree map[string]any, decode func(map[string]any) error) string {
	search := culprit{decode: decode, root: tree, left: tries}
	original := decode(tree)
	if original == nil {
		return ""
	}
	search.message = original.Error()
	return search.descend(tree, "")
}

type culprit struct {
	decode  func(map[string]any) error
	root    map[string]any
	message string
	left    int
}

func (c *culprit) changes() bool {
	c.left--
	err := c.decode(c.root)
	return err == nil || err.Error() != c.message
}

// descend looks for the child to blame and goes on inside it.
func (c *culprit) descend(value any, pointer string) string {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range longestFirst(v) {
			if c.left <= 0 {
				return pointer
			}
			child := v[key]
			delete(v, key)
			blamed := c.changes()
			v[key] = child
			if blamed && !(pointer == "" && (key == "kind" || key == "apiVersion")) {
				return c.descend(child, Join(pointer, key))
			}
		}
	case []any:
		for i, child := range v {
			if c.left <= 0 {
				return pointer
			}
			v[i] = nil
			blamed := c.changes()
			v[i] = child
			if blamed {
				return c.descend(child, Join(pointer, strconv.Itoa(i)))
			}
		}
	}
	return pointer
}
