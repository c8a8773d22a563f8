package finding

import (
	"encoding/json"
	"regexp"
	"strconv"
)

// keyedStep is one part of a path as server-side apply prints it: `.env`, `[name="a"]` or `[=1]`.
var keyedStep = regexp.MustCompile(`^(?:\.([^.\[]+)|\[((?:[^"\]]|"(?:[^"\\]|\\.)*")*)\])`)

// keyedField is one key of a list item.
var keyedField = regexp.MustCompile(`(\w*)=("(?:[^"\\]|\\.)*"|[^,\]]+)`)

// LocateKeyed turns a path of server-side apply, which names items of lists by their keys, into a pointer. It stops
// where the manifest does not follow.
func LocateKeyed(manifest any, path string) string {
	pointer, value := "", manifest
	for path != "" {
		match := keyedStep.FindStringSubmatch(path)
		if match == nil {
			return pointer
		}
		token, child, ok := keyedChild(value, match)
		if !ok {
			return pointer
		}
		pointer, value, path = Join(pointer, token), child, path[len(match[0]):]
	}
	return pointer
}

func keyedChild(value any, match []string) (token string, child any, ok bool) {
	if fields, isMap := value.(map[string]any); isMap && match[1] != "" {
		child, ok = fields[match[1]]
		return match[1], child, ok
	}
	items, isList := value.([]any)
	if !isList || match[1] != "" {
		return "", nil, false
	}
	for i, item := range items {
		if hasKeys(item, match[2]) {
			return strconv.Itoa(i), item, true
		}
	}
	return "", nil, false
}

// hasKeys reports whether an item has every key that the path gives; defaults that the manifest leaves out match too.
func hasKeys(item any, keys string) bool {
	fields, _ := item.(map[string]any)
	for _, pair := range keyedField.FindAllStringSubmatch(keys, -1) {
		held, set := fields[pair[1]]
		if pair[1] == "" {
			held, set = item, true
		}
		var wanted any
		if err := json.Unmarshal([]byte(pair[2]), &wanted); err != nil {
			return false
		}
		if number, whole := held.(int64); whole {
			held = float64(number)
		}
		if set && held != wanted {
			return false
		}
	}
	return true
}
