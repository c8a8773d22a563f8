package podsecurity

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1defaults "k8s.io/kubernetes/pkg/apis/core/v1"

	"aurora.example/tools/kubernetes/internal/finding"
)

// Pod is one pod that a manifest describes.
type Pod struct {
	Metadata metav1.ObjectMeta
	Spec     corev1.PodSpec
	// Pointer leads to the spec, or to what comes nearest to it.
	Pointer string
	// Partial says what is missing from the manifest, if anything.
	Partial string
	// Unread says why the pod could not be read; then nothing else is set but the pointer.
	Unread string

	containers, initContainers, volumes []string
}

// match is a value found at a path.
type match struct {
	pointer string
	value   any
}

// matches follows a path with wildcards; maps are walked in the order of their keys.
func matches(tree map[string]any, path []string) []match {
	found := []match{{"", tree}}
	for _, token := range path {
		var next []match
		for _, m := range found {
			next = append(next, children(m, token)...)
		}
		found = next
	}
	return found
}

func children(m match, token string) []match {
	var found []match
	switch v := m.value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if token == "*" || token == key {
				found = append(found, match{finding.Join(m.pointer, key), v[key]})
			}
		}
	case []any:
		for i := range v {
			if token == "*" {
				found = append(found, match{finding.Join(m.pointer, strconv.Itoa(i)), v[i]})
			}
		}
	}
	return found
}

// readPods makes the pods of one place.
func readPods(p Place, m match) []Pod {
	value, ok := m.value.(map[string]any)
	if !ok {
		if m.value == nil {
			return nil
		}
		return []Pod{{Pointer: m.pointer, Unread: "not an object"}}
	}
	switch p.Form {
	case Spec:
		return []Pod{read(m.pointer, nil, value, p.Partial)}
	case Component:
		return readComponent(m.pointer, value)
	case Container:
		pod := read(m.pointer, nil, map[string]any{"containers": []any{value}}, p.Partial)
		pod.containers = []string{m.pointer}
		return []Pod{pod}
	case Workflow:
		return readWorkflow(m.pointer, value)
	}
	inner, _ := value["spec"].(map[string]any)
	metadata, _ := value["metadata"].(map[string]any)
	if inner == nil {
		return nil
	}
	return []Pod{read(finding.Join(m.pointer, "spec"), metadata, inner, p.Partial)}
}

// podFields are what the checks look at; the rest of a spec may hold anything, such as unresolved parameters.
var podFields = []string{
	"containers", "initContainers", "ephemeralContainers", "volumes", "securityContext",
	"hostNetwork", "hostPID", "hostIPC", "hostUsers", "os",
}

// containerFields are what the checks look at in a container.
var containerFields = []string{"name", "securityContext", "ports", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}

// read decodes what checks look at in a pod.
func read(pointer string, metadata, value map[string]any, partial string) Pod {
	return decode(pointer, pick(metadata, []string{"annotations", "labels"}), judged(value), partial)
}

// decode makes a typed pod and gives it the server's defaults.
func decode(pointer string, metadata, value map[string]any, partial string) Pod {
	pod := Pod{Pointer: pointer, Partial: partial}
	whole := corev1.PodTemplate{}
	data, err := json.Marshal(map[string]any{"template": map[string]any{"metadata": metadata, "spec": value}})
	if err == nil {
		err = json.Unmarshal(data, &whole)
	}
	if err != nil {
		return Pod{Pointer: pointer, Unread: fmt.Sprintf("the pod cannot be read: %s", err)}
	}
	corev1defaults.SetObjectDefaults_PodTemplate(&whole)
	pod.Metadata, pod.Spec = whole.Template.ObjectMeta, whole.Template.Spec
	pod.containers = indexedAt(finding.Join(pointer, "containers"), len(pod.Spec.Containers))
	pod.initContainers = indexedAt(finding.Join(pointer, "initContainers"), len(pod.Spec.InitContainers))
	pod.volumes = indexedAt(finding.Join(pointer, "volumes"), len(pod.Spec.Volumes))
	return pod
}

// judged reduces a spec to the fields that checks look at.
func judged(value map[string]any) map[string]any {
	reduced := pick(value, podFields)
	for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
		items, ok := reduced[list].([]any)
		if !ok {
			continue
		}
		kept := make([]any, len(items))
		for i, item := range items {
			kept[i] = item
			if fields, ok := item.(map[string]any); ok {
				kept[i] = pick(fields, containerFields)
			}
		}
		reduced[list] = kept
	}
	return reduced
}

func pick(value map[string]any, fields []string) map[string]any {
	picked := map[string]any{}
	for _, field := range fields {
		if v, ok := value[field]; ok {
			picked[field] = v
		}
	}
	return picked
}
