package stored

import (
	"maps"
	"slices"
	"strconv"

	"aurora.example/tools/kubernetes/internal/finding"
)

// Difference is one field that two stored objects have differently.
type Difference struct {
	Pointer       string
	Before, After any
}

// Differences lists where two cleaned objects differ, status left out: it belongs to controllers.
func Differences(before, after map[string]any) []Difference {
	before, after = shallow(before), shallow(after)
	delete(before, "status")
	delete(after, "status")
	return differences(nil, "", before, after)
}

func differences(found []Difference, pointer string, before, after any) []Difference {
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			return mapDifferences(found, pointer, b, a)
		}
	case []any:
		if a, ok := after.([]any); ok && len(a) == len(b) {
			for i := range b {
				found = differences(found, finding.Join(pointer, strconv.Itoa(i)), b[i], a[i])
			}
			return found
		}
	}
	if !equal(before, after) {
		found = append(found, Difference{pointer, before, after})
	}
	return found
}

func mapDifferences(found []Difference, pointer string, before, after map[string]any) []Difference {
	keys := slices.Collect(maps.Keys(before))
	for key := range after {
		if _, both := before[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		found = differences(found, finding.Join(pointer, key), before[key], after[key])
	}
	return found
}
