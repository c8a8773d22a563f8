package podsecurity

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"aurora.example/tools/kubernetes/internal/finding"
)

// templates are kinds with the form of a pod from which no controller makes one of another name.
var templates = map[schema.GroupKind]bool{{Kind: "Pod"}: true, {Kind: "PodTemplate"}: true}

// Made lists the pods that controllers make of an object, as requests hold them. Unknown means that there are others,
// to which a controller adds what is not in the manifest.
func (t *Table) Made(gk schema.GroupKind, object runtime.Object, tree map[string]any) (pods []Pod, unknown bool) {
	if templates[gk] {
		return nil, false
	}
	if pods, typed := t.TypedPods(gk, object); typed {
		return pods, false
	}
	for _, p := range t.places[gk] {
		for _, m := range Matches(tree, p.At) {
			if pod, ok := whole(p, m); ok {
				pods = append(pods, pod)
			} else {
				unknown = unknown || m.Value != nil
			}
		}
	}
	return pods, unknown
}

// whole reads everything of a pod; ok is false where the manifest does not hold all of it.
func whole(p Place, m Match) (pod Pod, ok bool) {
	value, ok := m.Value.(map[string]any)
	pointer, metadata := m.Pointer, map[string]any(nil)
	switch p.Form {
	case Spec:
	case Template:
		metadata, _ = value["metadata"].(map[string]any)
		pointer = finding.Join(pointer, "spec")
		value, ok = value["spec"].(map[string]any)
	default:
		ok = false
	}
	if !ok || p.Partial != "" {
		return Pod{}, false
	}
	pod = decode(pointer, metadata, value, "")
	return pod, pod.Unread == ""
}

// owners are the kinds that stand between an object and its pods.
var owners = map[schema.GroupKind]schema.GroupVersionKind{
	{Group: "apps", Kind: "Deployment"}: {Group: "apps", Version: "v1", Kind: "ReplicaSet"},
	{Group: "batch", Kind: "CronJob"}:   {Group: "batch", Version: "v1", Kind: "Job"},
}

// Request is the pod as a controller sends it to the server for an object of this kind and name.
func (p *Pod) Request(owner schema.GroupVersionKind, namespace, name string) *corev1.Pod {
	if between, ok := owners[owner.GroupKind()]; ok {
		owner = between
	}
	controls := true
	pod := &corev1.Pod{ObjectMeta: *p.Metadata.DeepCopy(), Spec: *p.Spec.DeepCopy()}
	pod.APIVersion, pod.Kind = "v1", "Pod"
	pod.Namespace, pod.GenerateName, pod.Name = namespace, name+"-", name+"-00000"
	pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: owner.GroupVersion().String(), Kind: owner.Kind, Name: name, Controller: &controls}}
	return pod
}
