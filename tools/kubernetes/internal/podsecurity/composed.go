package podsecurity

import (
	"encoding/json"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/finding"
)

// mainContainer is the name that Argo Workflows gives to a template's own container.
const mainContainer = "main"

// kserveContainer is the name that KServe gives to the main container of a component.
const kserveContainer = "kserve-container"

// readComponent puts KServe's main container, which stands beside the pod's fields, among its containers.
func readComponent(pointer string, value map[string]any) []Pod {
	composed := pick(value, podFields)
	containers, _ := value["containers"].([]any)
	var added []string
	partial := ""
	if len(containers) == 0 {
		partial = byRuntime
	}
	for _, framework := range frameworks {
		if fields, ok := value[framework].(map[string]any); ok {
			named := pick(fields, containerFields)
			named["name"] = kserveContainer
			containers = append(containers[:len(containers):len(containers)], named)
			added = append(added, finding.Join(pointer, framework))
			partial = byRuntime
		}
	}
	if len(containers) == 0 && len(composed) == 0 {
		return nil
	}
	composed["containers"] = containers
	pod := read(pointer, nil, composed, partial)
	if pod.Unread == "" {
		pod.containers = append(pod.containers[:len(containers)-len(added)], added...)
	}
	return []Pod{pod}
}

// readWorkflow makes one pod of each template that runs containers.
func readWorkflow(pointer string, value map[string]any) []Pod {
	defaults, _ := value["templateDefaults"].(map[string]any)
	templates, _ := value["templates"].([]any)
	var pods []Pod
	for i, item := range templates {
		own, ok := item.(map[string]any)
		if !ok {
			continue
		}
		at := finding.Join(pointer, "templates", strconv.Itoa(i))
		if pod, ok := workflowPod(at, pointer, value, own, defaults); ok {
			pods = append(pods, pod)
		}
	}
	return pods
}

// source is a field of a template with the place that it came from.
type source struct {
	pointer string
	value   any
}

// workflowPod composes the pod that the workflow controller makes of a template: the template's containers,
// the volumes of both, and the workflow's settings where the template has none.
func workflowPod(at, workflowAt string, whole, own, defaults map[string]any) (Pod, bool) {
	get := func(name string) source {
		if v, ok := own[name]; ok {
			return source{finding.Join(at, name), v}
		}
		if v, ok := defaults[name]; ok {
			return source{finding.Join(workflowAt, "templateDefaults", name), v}
		}
		return source{}
	}
	containers, pointers := workflowContainers(get)
	if len(containers) == 0 {
		return Pod{}, false
	}
	composed := map[string]any{"containers": containers}
	inits := get("initContainers")
	composed["initContainers"] = inits.value
	composed["securityContext"] = whole["securityContext"]
	if context := get("securityContext"); context.value != nil {
		composed["securityContext"] = context.value
	}
	composed["hostNetwork"] = whole["hostNetwork"]
	volumes, volumePointers := joined(source{finding.Join(workflowAt, "volumes"), whole["volumes"]}, get("volumes"))
	composed["volumes"] = volumes
	pod := read(at, nil, composed, "")
	if pod.Unread != "" {
		return pod, true
	}
	pod.containers, pod.volumes = pointers, volumePointers
	pod.initContainers = indexedAt(inits.pointer, len(pod.Spec.InitContainers))
	for _, patch := range []source{{finding.Join(workflowAt, "podSpecPatch"), whole["podSpecPatch"]}, get("podSpecPatch")} {
		pod.patch(patch)
	}
	return pod, true
}

// workflowContainers collects the template's own container or script or set, and its sidecars.
func workflowContainers(get func(string) source) ([]any, []string) {
	var containers []any
	var pointers []string
	for _, name := range []string{"container", "script"} {
		if fields, ok := get(name).value.(map[string]any); ok {
			named := pick(fields, containerFields)
			named["name"] = mainContainer
			containers, pointers = append(containers, named), append(pointers, get(name).pointer)
		}
	}
	if set, ok := get("containerSet").value.(map[string]any); ok {
		items, at := joined(source{finding.Join(get("containerSet").pointer, "containers"), set["containers"]})
		containers, pointers = append(containers, items...), append(pointers, at...)
	}
	if len(containers) > 0 {
		items, at := joined(get("sidecars"))
		containers, pointers = append(containers, items...), append(pointers, at...)
	}
	return containers, pointers
}

// joined appends lists and remembers where each item stands.
func joined(lists ...source) ([]any, []string) {
	var items []any
	var pointers []string
	for _, list := range lists {
		values, _ := list.value.([]any)
		items = append(items, values...)
		pointers = append(pointers, indexedAt(list.pointer, len(values))...)
	}
	return items, pointers
}

func indexedAt(pointer string, count int) []string {
	pointers := make([]string, count)
	for i := range pointers {
		pointers[i] = finding.Join(pointer, strconv.Itoa(i))
	}
	return pointers
}

// patch applies a podSpecPatch, a strategic merge of a text; one with parameters cannot be known here.
func (p *Pod) patch(patch source) {
	text, _ := patch.value.(string)
	if text == "" {
		return
	}
	if strings.Contains(text, "{{") {
		p.Partial = "`podSpecPatch` holds parameters"
		return
	}
	current, err := json.Marshal(p.Spec)
	if err != nil {
		p.Unread = err.Error()
		return
	}
	change, err := yaml.YAMLToJSON([]byte(text))
	if err == nil {
		current, err = strategicpatch.StrategicMergePatch(current, change, corev1.PodSpec{})
	}
	patched := corev1.PodSpec{}
	if err == nil {
		err = json.Unmarshal(current, &patched)
	}
	if err != nil {
		p.Unread = "`podSpecPatch` cannot be applied: " + err.Error()
		return
	}
	p.Spec = patched
}
