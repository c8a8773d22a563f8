package podsecurity

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/admission"

	"aurora.example/tools/kubernetes/internal/finding"
)

// TypedPods reads the pod of a built-in kind from the versioned object; ok is false for other kinds.
func TypedPods(gk schema.GroupKind, object runtime.Object) (pods []Pod, ok bool) {
	places := byKind[gk.Group+"/"+gk.Kind]
	if object == nil || len(places) != 1 || places[0].shape != template {
		return nil, false
	}
	metadata, spec, err := admission.DefaultPodSpecExtractor{}.ExtractPodSpec(object)
	if err != nil {
		return nil, false
	}
	if spec == nil {
		return nil, true
	}
	pointer := finding.Join(places[0].path, "spec")
	pod := Pod{Metadata: *metadata, Spec: *spec, Pointer: pointer}
	pod.containers = indexed(pointer, "containers", len(spec.Containers))
	pod.initContainers = indexed(pointer, "initContainers", len(spec.InitContainers))
	pod.volumes = indexed(pointer, "volumes", len(spec.Volumes))
	return []Pod{pod}, true
}
