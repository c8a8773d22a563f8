package finding

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

var escaped = strings.NewReplacer("~", "~0", "/", "~1")

// Escape writes one reference token as RFC 6901 wants it.
func Escape(token string) string { return escaped.Replace(token) }

// Join appends tokens to a pointer.
func Join(pointer string, tokens ...string) string {
	for _, token := range tokens {
		pointer += "/" + Escape(token)
	}
	return pointer
}

// Locate turns a field path as the API server prints it (`spec.containers[0].image`,
// `metadata.annotations[a.b/c]`) into a pointer into the manifest.
//
// Printed paths are ambiguous: keys may hold dots and brackets. So the manifest decides: the longest key that
// exists wins; past the last existing field, the path is split at dots and brackets. A path may name a list
// item by something else than its index, or a field that only another version of the kind has; then the
// pointer stops at the last part that the manifest can have.
func Locate(manifest any, path string) string {
	pointer, rest := "", path
	for rest != "" {
		token, after, child, ok := step(manifest, rest)
		if !ok {
			return pointer
		}
		pointer, rest, manifest = Join(pointer, token), after, child
	}
	return pointer
}

// step takes the first token off the path, guided by the value it leads into.
func step(value any, path string) (token, rest string, child any, ok bool) {
	switch v := value.(type) {
	case map[string]any:
		return stepMap(v, path)
	case []any:
		token, rest = split(path)
		index, err := strconv.Atoi(token)
		if err != nil || index < 0 || index >= len(v) {
			return "", "", nil, false
		}
		return token, rest, v[index], true
	case nil:
		token, rest = split(path)
		return token, rest, nil, token != ""
	}
	return "", "", nil, false
}

func stepMap(value map[string]any, path string) (token, rest string, child any, ok bool) {
	path = strings.TrimPrefix(path, ".")
	bracketed := strings.HasPrefix(path, "[")
	for _, key := range longestFirst(value) {
		prefix := key
		if bracketed {
			prefix = "[" + key + "]"
		}
		if after, found := strings.CutPrefix(path, prefix); found && atBoundary(after) {
			return key, after, value[key], true
		}
	}
	token, rest = split(path)
	return token, rest, nil, token != ""
}

func longestFirst(value map[string]any) []string {
	return slices.SortedFunc(maps.Keys(value), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
}

func atBoundary(rest string) bool {
	return rest == "" || rest[0] == '.' || rest[0] == '['
}

// split cuts the first token at a dot or bracket.
func split(path string) (token, rest string) {
	path = strings.TrimPrefix(path, ".")
	if inner, found := strings.CutPrefix(path, "["); found {
		token, rest, _ = strings.Cut(inner, "]")
		return token, rest
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		return path, ""
	}
	return path[:end], path[end:]
}

// Lookup returns the value at a pointer.
func Lookup(value any, pointer string) (any, bool) {
	if pointer == "" {
		return value, true
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		switch v := value.(type) {
		case map[string]any:
			child, ok := v[token]
			if !ok {
				return nil, false
			}
			value = child
		case []any:
			index, err := strconv.Atoi(token)
			if err != nil || index < 0 || index >= len(v) {
				return nil, false
			}
			value = v[index]
		default:
			return nil, false
		}
	}
	return value, true
}
