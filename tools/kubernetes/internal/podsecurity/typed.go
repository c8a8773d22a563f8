package podsecurity

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/admission"

	"aurora.example/tools/kubernetes/internal/finding"
)

// TypedPods reads the pod of a built-in kind from the versioned object; ok is false for other kinds.
func (t *Table) TypedPods(gk schema.GroupKind, object runtime.Object) (pods []Pod, ok bool) {
	places := t.places[gk]
	if object == nil || len(places) != 1 || places[0].Form != Template {
		return nil, false
	}
	metadata, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(object)
	if err != nil {
		return nil, false
	}
	if spec == nil {
		return nil, true
	}
	pointer := finding.Join("", append(slices.Clone(places[0].At), "spec")...)
	pod := Pod{Metadata: *metadata, Spec: *spec, Pointer: pointer}
	pod.containers = indexedAt(finding.Join(pointer, "containers"), len(spec.Containers))
	pod.initContainers = indexedAt(finding.Join(pointer, "initContainers"), len(spec.InitContainers))
	pod.volumes = indexedAt(finding.Join(pointer, "volumes"), len(spec.Volumes))
	return []Pod{pod}, true
}
