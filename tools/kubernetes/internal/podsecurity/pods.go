package podsecurity

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
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
	// Unasked says why its resources could not be read; then it has none.
	Unasked string

	containers, initContainers, volumes []string
}

// Asks says why nobody knows what the pod asks for, if so.
func (p *Pod) Asks() error {
	if why := cmp.Or(p.Unread, p.Unasked); why != "" {
		return errors.New(p.Pointer + ": " + why)
	}
	return nil
}

// Container leads to a container of the pod.
func (p *Pod) Container(i int) string { return at(p.containers, i, p.Pointer) }

// InitContainer leads to an init container of the pod.
func (p *Pod) InitContainer(i int) string { return at(p.initContainers, i, p.Pointer) }

// Volume leads to a volume of the pod.
func (p *Pod) Volume(i int) string { return at(p.volumes, i, p.Pointer) }

// item is an item of a list of a pod in a path as validation writes it.
var item = regexp.MustCompile(`^\.(containers|initContainers|volumes)\[(\d+)\](.*)$`)

// At leads to a field of the pod's spec, given as a path that validation writes.
func (p *Pod) At(path string) string {
	found := item.FindStringSubmatch(path)
	if found == nil {
		return p.Pointer + finding.Locate(nil, path)
	}
	index, _ := strconv.Atoi(found[2])
	lead := map[string]func(int) string{"containers": p.Container, "initContainers": p.InitContainer, "volumes": p.Volume}
	return lead[found[1]](index) + finding.Locate(nil, found[3])
}

// Match is a value found at a path.
type Match struct {
	Pointer string
	Value   any
}

// Matches follows a path with wildcards; maps are walked in the order of their keys.
func Matches(tree map[string]any, path []string) []Match {
	found := []Match{{"", tree}}
	for _, token := range path {
		var next []Match
		for _, m := range found {
			next = append(next, children(m, token)...)
		}
		found = next
	}
	return found
}

func children(m Match, token string) []Match {
	var found []Match
	switch v := m.Value.(type) {
	case map[string]any:
		if token == "**" {
			found = append(found, m)
			for _, child := range children(m, "*") {
				found = append(found, children(child, token)...)
			}
			return found
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if token == "*" || token == key {
				found = append(found, Match{finding.Join(m.Pointer, key), v[key]})
			}
		}
	case []any:
		for i := range v {
			child := Match{finding.Join(m.Pointer, strconv.Itoa(i)), v[i]}
			switch token {
			case "*":
				found = append(found, child)
			case "**":
				found = append(found, children(child, token)...)
			}
		}
	}
	return found
}

// readPods makes the pods of one place.
func readPods(p Place, m Match) []Pod {
	value, ok := m.Value.(map[string]any)
	if !ok {
		if m.Value == nil {
			return nil
		}
		return []Pod{{Pointer: m.Pointer, Unread: "not an object"}}
	}
	switch p.Form {
	case Spec:
		return []Pod{read(m.Pointer, nil, value, p.Partial)}
	case Component:
		return readComponent(m.Pointer, value)
	case Container:
		pod := read(m.Pointer, nil, map[string]any{"containers": []any{value}}, p.Partial)
		pod.containers = []string{m.Pointer}
		return []Pod{pod}
	case Workflow:
		return readWorkflow(m.Pointer, value)
	}
	inner, _ := value["spec"].(map[string]any)
	metadata, _ := value["metadata"].(map[string]any)
	if inner == nil {
		return nil
	}
	return []Pod{read(finding.Join(m.Pointer, "spec"), metadata, inner, p.Partial)}
}

// podFields are what the checks look at; the rest of a spec may hold anything, such as unresolved parameters.
var podFields = []string{
	"containers", "initContainers", "ephemeralContainers", "volumes", "securityContext",
	"hostNetwork", "hostPID", "hostIPC", "hostUsers", "os", resources,
}

// containerFields are what the checks look at in a container.
var containerFields = []string{
	"name", "securityContext", "ports", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "restartPolicy", resources,
}

// resources are what only LimitRanges look at.
const resources = "resources"

// read decodes what checks look at in a pod; resources that cannot be read are no reason not to look at the rest.
func read(pointer string, metadata, value map[string]any, partial string) Pod {
	metadata = pick(metadata, []string{"annotations", "labels"})
	pod := decode(pointer, metadata, judged(value), partial)
	if pod.Unread == "" {
		return pod
	}
	other := decode(pointer, metadata, judged(value, resources), partial)
	if other.Unread == "" {
		other.Unasked = pod.Unread
	}
	return other
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

// judged reduces a spec to the fields that checks look at, without some.
func judged(value map[string]any, without ...string) map[string]any {
	reduced := pick(value, podFields, without...)
	for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
		items, ok := reduced[list].([]any)
		if !ok {
			continue
		}
		kept := make([]any, len(items))
		for i, item := range items {
			kept[i] = item
			if fields, ok := item.(map[string]any); ok {
				kept[i] = pick(fields, containerFields, without...)
			}
		}
		reduced[list] = kept
	}
	return reduced
}

func pick(value map[string]any, fields []string, without ...string) map[string]any {
	picked := map[string]any{}
	for _, field := range fields {
		if v, ok := value[field]; ok && !slices.Contains(without, field) {
			picked[field] = v
		}
	}
	return picked
}
