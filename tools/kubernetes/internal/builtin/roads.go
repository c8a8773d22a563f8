package builtin

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/shape"
	"aurora.example/tools/kubernetes/internal/stored"
)

// discriminator is the field by which unions of Kubernetes choose a member: another value frees the members' fields.
const discriminator = "type"

// mergesAlike reports whether a client's merge and the server's come to the same object: only values of plain fields
// differ, in lists whose items both tell apart in the same way. It may say no although the merges are alike, never the other
// way round; most changes, such as another image or another number, get a yes and need one merge instead of two.
func mergesAlike(document, old *manifest.Document) bool {
	known := shape.Builtin(document.GVK)
	return document.GVK == old.GVK && !slices.ContainsFunc(stored.Differences(old.Tree(), document.Tree(), known), func(d stored.Difference) bool {
		values := d.Before != nil && d.After != nil && !d.Reordered && scalar(*d.Before) && scalar(*d.After)
		return !values || path.Base(d.Pointer) == discriminator || !merged(document.Tree(), strings.Split(d.Pointer, "/")[1:], known)
	})
}

func scalar(value any) bool {
	switch value.(type) {
	case nil, map[string]any, []any:
		return false
	}
	return true
}

// merged reports whether the lists on the way to a field are merged by key; others are replaced or merged in ways of their own.
func merged(value any, tokens []string, known shape.Shape) bool {
	for _, token := range tokens {
		switch v := value.(type) {
		case map[string]any:
			name := strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
			value, known = v[name], known.Field(name)
		case []any:
			keys := known.List().Keys
			if len(keys) == 0 || confusable(v, keys[0]) {
				return false
			}
			index, _ := strconv.Atoi(token)
			value, known = v[index], known.Item()
		}
	}
	return true
}

// confusable reports whether a client may take one item for another: where the server has several keys, such as a port and
// its protocol, the client has the first one only.
func confusable(items []any, key string) bool {
	seen := make(map[any]bool, len(items))
	for _, item := range items {
		fields, _ := item.(map[string]any)
		if value := fields[key]; !scalar(value) || seen[value] {
			return true
		}
		seen[fields[key]] = true
	}
	return false
}
