package stored

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"aurora.example/tools/kubernetes/internal/shape"
)

// named gives the items of two lists the names by which they are told apart; ok is false where only their
// position does.
//
// Lists that a schema leaves without keys are told apart by `name` where every item has one, as the containers
// in most definitions: an item that moves is then not shown as several that changed.
func named(list shape.List, before, after []any) (old, now []string, ok bool) {
	name := func(item any) (string, bool) { return keyed(item, list.Keys) }
	declared := true
	switch {
	case list.Set:
		name = itself
	case len(list.Keys) == 0:
		declared = false
		name = func(item any) (string, bool) { return keyed(item, []string{"name"}) }
	}
	old, ok = unique(before, name)
	if !ok {
		return nil, nil, false
	}
	if now, ok = unique(after, name); !ok {
		return nil, nil, false
	}
	return old, now, declared || slices.ContainsFunc(now, func(name string) bool { return slices.Contains(old, name) })
}

func unique(items []any, name func(any) (string, bool)) ([]string, bool) {
	names := make([]string, len(items))
	seen := map[string]bool{}
	for i, item := range items {
		found, ok := name(item)
		if !ok || seen[found] {
			return nil, false
		}
		seen[found] = true
		names[i] = found
	}
	return names, true
}

// keyed names an item by its keys, `name=model` or `containerPort=80,protocol=TCP`; an absent key is left out.
func keyed(item any, keys []string) (string, bool) {
	fields, ok := item.(map[string]any)
	if !ok {
		return "", false
	}
	var parts []string
	for _, key := range keys {
		value, set := fields[key]
		if !set {
			continue
		}
		text, scalar := written(value)
		if !scalar {
			return "", false
		}
		parts = append(parts, key+"="+text)
	}
	return strings.Join(parts, ","), len(parts) > 0
}

// itself names the item of a set.
func itself(item any) (string, bool) {
	text, scalar := written(item)
	return "=" + text, scalar
}

// written shows a scalar, quoted where it could be read as a part of the path.
func written(value any) (text string, scalar bool) {
	switch v := value.(type) {
	case string:
		if v == "" || strings.ContainsAny(v, "[],=\"'\\ \t\r\n") || !strconv.CanBackquote(v) {
			return strconv.Quote(v), true
		}
		return v, true
	case bool, int64, float64:
		encoded, err := json.Marshal(v)
		return string(encoded), err == nil
	}
	return "", false
}
