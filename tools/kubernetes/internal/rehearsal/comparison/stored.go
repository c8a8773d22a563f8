package comparison

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/stored"
)

// controlled are kinds whose status a controller inside the API server writes at once.
var controlled = []string{"CustomResourceDefinition", "APIService", "Namespace", "FlowSchema", "PriorityLevelConfiguration"}

// storedForm compares what was read back from the server with what was foretold.
func (c *comparing) storedForm() {
	if c.Verdict.Stored == nil || c.Report.Stored == nil || c.Subject.Old != nil {
		return
	}
	manifest := tree(c.Subject.Manifest)
	server, _ := stored.Clean(c.Report.Stored, manifest)
	server, foretold := plainTree(server), plainTree(c.Verdict.Stored)
	c.drift(manifest, server)
	if slices.Contains(controlled, c.Verdict.Resource.Kind) {
		delete(server, "status")
		delete(foretold, "status")
	}
	for _, pointer := range c.Verdict.Assigned {
		remove(server, pointer)
		remove(foretold, pointer)
	}
	c.values("", foretold, server)
}

// drift compares the fields that were said to be dropped with those that are not there.
func (c *comparing) drift(manifest, server map[string]any) {
	dropped := map[string]bool{}
	for _, f := range c.Verdict.Findings {
		if f.Rule == finding.Drift && f.Apply == "" {
			dropped[f.Pointer] = true
			value, there := finding.Lookup(server, f.Pointer)
			sent, _ := finding.Lookup(manifest, f.Pointer)
			drawn := f.Pointer == "/metadata/uid" || f.Pointer == "/metadata/generation"
			if there && !drawn && reflect.DeepEqual(value, sent) {
				c.add(Difference{Aspect: Drift, Pointer: f.Pointer, Offline: f.Message, Server: "kept"})
			}
		}
	}
	delete(manifest, "status")
	leaves("", manifest, func(pointer string) {
		if _, there := finding.Lookup(server, pointer); there || covered(pointer, dropped) || transformed(pointer, c.Verdict.Resource.Kind) {
			return
		}
		c.add(Difference{Aspect: Drift, Pointer: pointer, Offline: "kept", Server: "dropped"})
	})
}

// transformed are fields that the server or Clean takes away by design: text of Secrets, and what every object is given.
func transformed(pointer, kind string) bool {
	return kind == "Secret" && strings.HasPrefix(pointer, "/stringData/") ||
		slices.Contains([]string{"/metadata/uid", "/metadata/generation", "/metadata/creationTimestamp", "/metadata/resourceVersion"}, pointer)
}

func covered(pointer string, dropped map[string]bool) bool {
	for known := range dropped {
		if pointer == known || strings.HasPrefix(pointer, known+"/") {
			return true
		}
	}
	return false
}

// leaves visits every scalar that says something: a typed object does not tell zero from absent.
func leaves(pointer string, value any, visit func(string)) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			leaves(finding.Join(pointer, key), v[key], visit)
		}
	case []any:
		for i, child := range v {
			leaves(finding.Join(pointer, strconv.Itoa(i)), child, visit)
		}
	case nil:
	default:
		if !reflect.ValueOf(v).IsZero() {
			visit(pointer)
		}
	}
}

// values names every field that the two sides store differently.
func (c *comparing) values(pointer string, foretold, server any) {
	if f, ok := foretold.(map[string]any); ok {
		if s, ok := server.(map[string]any); ok {
			keys := maps.Clone(f)
			maps.Copy(keys, s)
			for _, key := range slices.Sorted(maps.Keys(keys)) {
				c.values(finding.Join(pointer, key), f[key], s[key])
			}
			return
		}
	}
	if f, ok := foretold.([]any); ok {
		if s, ok := server.([]any); ok && len(s) == len(f) {
			for i := range f {
				c.values(finding.Join(pointer, strconv.Itoa(i)), f[i], s[i])
			}
			return
		}
	}
	if !reflect.DeepEqual(foretold, server) {
		c.add(Difference{Aspect: Stored, Pointer: pointer, Offline: show(foretold), Server: show(server)})
	}
}

func show(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return plain(string(data))
}

// tree reads a manifest; one that cannot be read never gets here.
func tree(manifest []byte) map[string]any {
	read := map[string]any{}
	if data, err := yaml.YAMLToJSON(manifest); err == nil {
		_ = json.Unmarshal(data, &read)
	}
	return read
}

// plainTree is a copy in which every number has the same type.
func plainTree(value map[string]any) map[string]any {
	data, err := json.Marshal(value)
	copied := map[string]any{}
	if err == nil {
		_ = json.Unmarshal(data, &copied)
	}
	return copied
}

// remove takes the field at a pointer out of a tree.
func remove(tree map[string]any, pointer string) {
	at := strings.LastIndex(pointer, "/")
	if at < 0 {
		return
	}
	parent, _ := finding.Lookup(tree, pointer[:at])
	if fields, ok := parent.(map[string]any); ok {
		delete(fields, unescape.Replace(pointer[at+1:]))
	}
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")
