package stored

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/shape"
)

// Difference is one field that two stored objects have differently; nil means that a side has no such field.
type Difference struct {
	// Pointer leads into the later object, or into the earlier one where only that has the field.
	Pointer string
	// Path is the same for people: items of lists are named by their keys.
	Path          string
	Before, After *any
	// Reordered means that a list holds the same items in another order; both sides then are their names.
	Reordered bool
}

// Differences lists where two cleaned objects differ, status left out: it belongs to controllers.
func Differences(before, after map[string]any, form shape.Shape) []Difference {
	before, after = maps.Clone(before), maps.Clone(after)
	delete(before, "status")
	delete(after, "status")
	c := &comparison{}
	c.fields(spot{}, form, before, after)
	return c.found
}

// spot is where a comparison stands: an item of a list may have another index on each side.
type spot struct{ before, after, path string }

func (s spot) field(name string) spot {
	return spot{finding.Join(s.before, name), finding.Join(s.after, name), s.path + step(name, s.path == "")}
}

func (s spot) item(before, after int, label string) spot {
	return spot{finding.Join(s.before, strconv.Itoa(before)), finding.Join(s.after, strconv.Itoa(after)), s.path + "[" + label + "]"}
}

// Names in a path: simple ones stand after a dot, those with dots and slashes in brackets, all others in quotes.
var (
	simple    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	bracketed = regexp.MustCompile(`^[A-Za-z0-9_./:@-]+$`)
)

func step(name string, first bool) string {
	switch {
	case !bracketed.MatchString(name):
		return "[" + strconv.Quote(name) + "]"
	case !simple.MatchString(name):
		return "[" + name + "]"
	case first:
		return name
	}
	return "." + name
}

type comparison struct{ found []Difference }

func (c *comparison) removed(at spot, value any) {
	c.found = append(c.found, Difference{Pointer: at.before, Path: at.path, Before: &value})
}

func (c *comparison) added(at spot, value any) {
	c.found = append(c.found, Difference{Pointer: at.after, Path: at.path, After: &value})
}

// value compares two values that are not deeply equal.
func (c *comparison) value(at spot, form shape.Shape, before, after any) {
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			c.fields(at, form, b, a)
			return
		}
	case []any:
		if a, ok := after.([]any); ok {
			c.list(at, form, b, a)
			return
		}
	}
	if !same(form.Scalar(), before, after) {
		c.found = append(c.found, Difference{Pointer: at.after, Path: at.path, Before: &before, After: &after})
	}
}

func (c *comparison) fields(at spot, form shape.Shape, before, after map[string]any) {
	keys := slices.Collect(maps.Keys(before))
	for key := range after {
		if _, both := before[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		b, inBefore := before[key]
		a, inAfter := after[key]
		switch {
		case !inAfter:
			c.removed(at.field(key), b)
		case !inBefore:
			c.added(at.field(key), a)
		case !reflect.DeepEqual(b, a):
			c.value(at.field(key), form.Field(key), b, a)
		}
	}
}

func (c *comparison) list(at spot, form shape.Shape, before, after []any) {
	old, now, ok := named(form.List(), before, after)
	if !ok {
		c.positions(at, form.Item(), before, after)
		return
	}
	index := map[string]int{}
	for i, name := range old {
		index[name] = i
	}
	var kept []string
	for i, name := range now {
		was, both := index[name]
		if !both {
			c.added(at.item(i, i, name), after[i])
			continue
		}
		kept = append(kept, name)
		delete(index, name)
		if !reflect.DeepEqual(before[was], after[i]) {
			c.value(at.item(was, i, name), form.Item(), before[was], after[i])
		}
	}
	var order []string
	for i, name := range old {
		if _, gone := index[name]; gone {
			c.removed(at.item(i, i, name), before[i])
		} else {
			order = append(order, name)
		}
	}
	if !slices.Equal(order, kept) {
		c.reordered(at, old, now)
	}
}

func (c *comparison) reordered(at spot, old, now []string) {
	before, after := names(old), names(now)
	c.found = append(c.found, Difference{Pointer: at.after, Path: at.path, Before: &before, After: &after, Reordered: true})
}

func names(list []string) any {
	result := make([]any, len(list))
	for i, name := range list {
		result[i] = name
	}
	return result
}

// positions compares what lies between the items that both lists begin and end with.
func (c *comparison) positions(at spot, form shape.Shape, before, after []any) {
	shorter := min(len(before), len(after))
	head := 0
	for head < shorter && reflect.DeepEqual(before[head], after[head]) {
		head++
	}
	tail := 0
	for tail < shorter-head && reflect.DeepEqual(before[len(before)-1-tail], after[len(after)-1-tail]) {
		tail++
	}
	for i := head; i < max(len(before), len(after))-tail; i++ {
		here := at.item(i, i, strconv.Itoa(i))
		switch {
		case i >= len(after)-tail:
			c.removed(here, before[i])
		case i >= len(before)-tail:
			c.added(here, after[i])
		case !reflect.DeepEqual(before[i], after[i]):
			c.value(here, form, before[i], after[i])
		}
	}
}

// same compares scalars by what their schema says that they mean.
func same(kind shape.Scalar, before, after any) bool {
	x, xok := number(before)
	y, yok := number(after)
	if xok && yok {
		return x == y
	}
	s, t := fmt.Sprint(before), fmt.Sprint(after)
	switch kind {
	case shape.Quantity:
		return sameQuantity(s, t)
	case shape.Time:
		return sameTime(s, t)
	case shape.Bytes:
		return sameBase64(s, t)
	}
	return false
}
