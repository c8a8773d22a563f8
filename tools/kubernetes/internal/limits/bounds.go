package limits

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/plugin/pkg/admission/limitranger"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/podsecurity"
)

// bound is one limit of one resource; judged alone, a refusal has its place, and the order of refusals is always the same.
type bound struct {
	of       *corev1.LimitRange
	alone    *corev1.LimitRange
	kind     corev1.LimitType
	side     side
	resource corev1.ResourceName
	most     resource.Quantity
}

// side says whether a bound is a minimum, a maximum or a ratio.
type side int

const (
	lowest side = iota
	highest
	ratio
)

func bounds(of *corev1.LimitRange) (all []bound) {
	for _, item := range of.Spec.Limits {
		for _, each := range []struct {
			side side
			list corev1.ResourceList
			put  func(*corev1.LimitRangeItem, corev1.ResourceList)
		}{
			{lowest, item.Min, func(i *corev1.LimitRangeItem, l corev1.ResourceList) { i.Min = l }},
			{highest, item.Max, func(i *corev1.LimitRangeItem, l corev1.ResourceList) { i.Max = l }},
			{ratio, item.MaxLimitRequestRatio, func(i *corev1.LimitRangeItem, l corev1.ResourceList) { i.MaxLimitRequestRatio = l }},
		} {
			for _, name := range slices.Sorted(maps.Keys(each.list)) {
				only := corev1.LimitRangeItem{Type: item.Type}
				each.put(&only, corev1.ResourceList{name: each.list[name]})
				alone := &corev1.LimitRange{Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{only}}}
				all = append(all, bound{of, alone, item.Type, each.side, name, each.list[name]})
			}
		}
	}
	return all
}

// pod says what the bound refuses of a pod, its containers or the whole.
func (b bound) pod(of *podsecurity.Pod, pod *api.Pod) (found []finding.Finding) {
	judge := func(containers []api.Container, inits []api.Container, pointer, who string) {
		part := &api.Pod{Spec: *pod.Spec.DeepCopy()}
		part.Spec.Containers, part.Spec.InitContainers = containers, inits
		if of.Partial != "" && !b.decides(&part.Spec) {
			return
		}
		if err := limitranger.PodValidateLimitFunc(b.alone, part); err != nil {
			found = append(found, b.finding(err, pointer, who))
		}
	}
	switch b.kind {
	case corev1.LimitTypePod:
		judge(pod.Spec.Containers, pod.Spec.InitContainers, of.Pointer, "the whole pod")
	case corev1.LimitTypeContainer:
		for i, container := range pod.Spec.InitContainers {
			judge([]api.Container{container}, nil, b.in(of.InitContainer(i)), fmt.Sprintf("container `%s`", container.Name))
		}
		for i, container := range pod.Spec.Containers {
			judge([]api.Container{container}, nil, b.in(of.Container(i)), fmt.Sprintf("container `%s`", container.Name))
		}
	}
	return found
}

// in leads from a container to what the bound is about.
func (b bound) in(container string) string {
	part := "limits"
	if b.side == lowest {
		part = "requests"
	}
	return finding.Join(container, "resources", part, string(b.resource))
}

// decides reports whether a bound refuses what is stated whatever a controller adds; it fills in a missing limit as the most that
// the bound allows.
func (b bound) decides(spec *api.PodSpec) bool {
	name := api.ResourceName(b.resource)
	stated := false
	for i := range spec.Containers {
		container := spec.Containers[i].DeepCopy()
		_, requested := container.Resources.Requests[name]
		_, limited := container.Resources.Limits[name]
		stated = stated || limited || requested && b.side != ratio
		if requested && !limited && b.side == highest {
			container.Resources.Limits = maps.Clone(container.Resources.Limits)
			if container.Resources.Limits == nil {
				container.Resources.Limits = api.ResourceList{}
			}
			container.Resources.Limits[name] = b.most
			spec.Containers = slices.Clone(spec.Containers)
			spec.Containers[i] = *container
		}
	}
	return stated && (b.kind == corev1.LimitTypeContainer || b.side == highest)
}

func (b bound) finding(err error, pointer, who string) finding.Finding {
	words := strings.Join(strings.Fields(err.Error()), " ")
	return finding.Finding{
		Rule: finding.OutsideLimitRange, Severity: finding.Error, Type: "FieldValueForbidden", Pointer: pointer,
		Message: fmt.Sprintf("%s refuses %s: %s", name(b.of), who, words),
	}
}
