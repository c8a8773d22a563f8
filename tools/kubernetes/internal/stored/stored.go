// Package stored compares manifests with what the server stores.
//
// It works on nested maps and knows which fields a cluster draws, counts or owns. It never runs the server's
// code.
package stored

import (
	"encoding/base64"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/request"
)

// drawn are metadata fields that every object gets from the cluster.
var drawn = []string{"uid", "creationTimestamp", "generation", "resourceVersion", "managedFields", "selfLink"}

// allocated are fields of a Service that the cluster allocates when the manifest leaves them out.
var allocated = []string{"clusterIP", "clusterIPs", "healthCheckNodePort"}

// Clean returns a copy of a stored object without what a cluster draws or counts. assigned are pointers to
// fields that were left out or hold a placeholder, because the cluster chooses them.
func Clean(tree, manifest map[string]any) (clean map[string]any, assigned []string) {
	clean = maps.Clone(tree)
	if metadata, ok := clean["metadata"].(map[string]any); ok {
		metadata = maps.Clone(metadata)
		for _, field := range drawn {
			delete(metadata, field)
		}
		if name, _ := metadata["generateName"].(string); name != "" && at(manifest, "metadata", "name") == nil {
			delete(metadata, "name")
			assigned = append(assigned, "/metadata/name")
		}
		clean["metadata"] = metadata
	}
	if clean["kind"] == "Service" && clean["apiVersion"] == "v1" {
		assigned = append(assigned, cleanService(clean, manifest)...)
	}
	if clean["kind"] == "PersistentVolume" && at(clean, "status", "lastPhaseTransitionTime") != nil {
		status := maps.Clone(clean["status"].(map[string]any))
		delete(status, "lastPhaseTransitionTime")
		clean["status"] = status
		assigned = append(assigned, "/status/lastPhaseTransitionTime")
	}
	placeholders("", clean, &assigned)
	slices.Sort(assigned)
	return clean, assigned
}

// cleanService takes out what the cluster allocates and the manifest does not ask for.
func cleanService(clean, manifest map[string]any) (assigned []string) {
	spec, ok := clean["spec"].(map[string]any)
	if !ok {
		return nil
	}
	spec = maps.Clone(spec)
	clean["spec"] = spec
	for _, field := range allocated {
		if _, set := spec[field]; set && at(manifest, "spec", field) == nil && at(manifest, "spec", "clusterIP") == nil {
			delete(spec, field)
			assigned = append(assigned, "/spec/"+field)
		}
	}
	ports, _ := spec["ports"].([]any)
	wished, _ := at(manifest, "spec", "ports").([]any)
	kept := make([]any, len(ports))
	for i, port := range ports {
		kept[i] = port
		fields, ok := port.(map[string]any)
		if _, set := fields["nodePort"]; !ok || !set || i < len(wished) && at(wished[i], "nodePort") != nil {
			continue
		}
		fields = maps.Clone(fields)
		delete(fields, "nodePort")
		kept[i] = fields
		assigned = append(assigned, "/spec/ports/"+strconv.Itoa(i)+"/nodePort")
	}
	if ports != nil {
		spec["ports"] = kept
	}
	return assigned
}

// placeholders finds values that stand for what the cluster would draw, such as the uid in a Job's selector.
func placeholders(pointer string, value any, assigned *[]string) {
	switch v := value.(type) {
	case map[string]any:
		for key, child := range v {
			placeholders(finding.Join(pointer, key), child, assigned)
		}
	case []any:
		for i, child := range v {
			placeholders(finding.Join(pointer, strconv.Itoa(i)), child, assigned)
		}
	case string:
		if strings.Contains(v, string(request.PlaceholderUID)) {
			*assigned = append(*assigned, pointer)
		}
	}
}

func at(value any, keys ...string) any {
	for _, key := range keys {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = fields[key]
	}
	return value
}

// Drift lists fields of a manifest that Argo CD would keep showing as different from the stored object: the
// server drops them or stores another value. Fields that the server adds, and other spellings of one value,
// are no drift.
func Drift(emitted, stored map[string]any) []finding.Finding {
	secret := stored["kind"] == "Secret" && stored["apiVersion"] == "v1"
	var found []finding.Finding
	for _, key := range slices.Sorted(maps.Keys(emitted)) {
		// Argo CD leaves the status of every object to its controller.
		if key == "status" || secret && key == "stringData" {
			continue
		}
		found = drift(found, "/"+finding.Escape(key), emitted[key], stored[key])
	}
	return found
}

func drift(found []finding.Finding, pointer string, emitted, stored any) []finding.Finding {
	// Argo CD removes the time (gitops-engine's Normalize), and the namespace of what has none (DeduplicateTargetObjects).
	if emitted == nil || pointer == "/metadata/creationTimestamp" || pointer == "/metadata/namespace" {
		return found
	}
	if stored == nil {
		return append(found, drifts(pointer, "the server drops the field"))
	}
	switch e := emitted.(type) {
	case map[string]any:
		s, ok := stored.(map[string]any)
		if !ok {
			return append(found, drifts(pointer, "the server stores another value"))
		}
		for _, key := range slices.Sorted(maps.Keys(e)) {
			found = drift(found, finding.Join(pointer, key), e[key], s[key])
		}
		return found
	case []any:
		s, ok := stored.([]any)
		if !ok || len(s) != len(e) {
			return append(found, drifts(pointer, "the server stores another list"))
		}
		for i := range e {
			found = drift(found, finding.Join(pointer, strconv.Itoa(i)), e[i], s[i])
		}
		return found
	}
	if !equal(emitted, stored) {
		return append(found, drifts(pointer, fmt.Sprintf("the server stores %v", stored)))
	}
	return found
}

func drifts(pointer, why string) finding.Finding {
	return finding.Finding{
		Rule: finding.Drift, Severity: finding.Warning, Pointer: pointer,
		Message: why + ": Argo CD would keep showing the object as OutOfSync",
	}
}

// equal compares scalars by meaning: numbers by value, and strings also as quantities, times and base64 text.
func equal(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, xok := number(a)
	y, yok := number(b)
	if xok && yok {
		return x == y
	}
	s, sok := a.(string)
	t, tok := b.(string)
	return sok && tok && (sameQuantity(s, t) || sameTime(s, t) || sameBase64(s, t))
}

func number(value any) (float64, bool) {
	switch v := value.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func sameQuantity(s, t string) bool {
	x, err := resource.ParseQuantity(s)
	if err != nil {
		return false
	}
	y, err := resource.ParseQuantity(t)
	return err == nil && x.Cmp(y) == 0
}

func sameTime(s, t string) bool {
	x, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return false
	}
	y, err := time.Parse(time.RFC3339, t)
	return err == nil && x.Equal(y)
}

func sameBase64(s, t string) bool {
	x, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil || len(x) == 0 {
		return false
	}
	y, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(t), ""))
	return err == nil && string(x) == string(y)
}
