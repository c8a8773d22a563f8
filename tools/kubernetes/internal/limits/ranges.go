// Package limits judges pods and claims by the LimitRanges of their namespace, with the code of the admission plugin LimitRanger.
//
// It must not know how an object is stored, nor where pods stand in it.
package limits

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/plugin/pkg/admission/limitranger"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/podsecurity"
)

// Ranges are the LimitRanges of the input, with the server's defaults, by namespace and in the order of their names.
type Ranges map[string][]*corev1.LimitRange

// Add makes a LimitRange known.
func (r Ranges) Add(one *corev1.LimitRange) {
	namespace := cmp.Or(one.Namespace, corev1.NamespaceDefault)
	r[namespace] = append(r[namespace], one)
	slices.SortFunc(r[namespace], func(a, b *corev1.LimitRange) int { return cmp.Compare(a.Name, b.Name) })
}

// Validate is the server's validation of a new pod; it may change the pod.
type Validate func(ctx context.Context, pod *api.Pod) field.ErrorList

// Merged is a pod with what the LimitRanges of its namespace add to it.
func (r Ranges) Merged(pod *corev1.Pod) (*corev1.Pod, error) {
	if len(r[pod.Namespace]) == 0 {
		return pod, nil
	}
	internal, err := internalPod(pod)
	if err != nil {
		return nil, err
	}
	if err := r.merge(pod.Namespace, internal); err != nil {
		return nil, err
	}
	merged := &corev1.Pod{TypeMeta: pod.TypeMeta}
	return merged, legacyscheme.Scheme.Convert(internal, merged, nil)
}

func (r Ranges) merge(namespace string, pod *api.Pod) error {
	for _, one := range r[namespace] {
		if err := limitranger.PodMutateLimitFunc(one, pod); err != nil {
			return err
		}
	}
	return nil
}

// internalPod is a pod as admission plugins see it: a limit without a request is one by then.
func internalPod(pod *corev1.Pod) (*api.Pod, error) {
	defaulted, internal := pod.DeepCopy(), &api.Pod{}
	legacyscheme.Scheme.Default(defaulted)
	return internal, legacyscheme.Scheme.Convert(defaulted, internal, nil)
}

// Judge says what LimitRanger refuses of a pod, and what validation refuses only once the defaults are merged in. The request
// is the pod as its controller sends it. What a controller adds to a partial pod is unknown: of that, only what is stated counts.
func (r Ranges) Judge(ctx context.Context, of *podsecurity.Pod, sent *corev1.Pod, validate Validate) ([]finding.Finding, error) {
	pod, err := internalPod(sent)
	if err != nil {
		return nil, err
	}
	ranges := r[sent.Namespace]
	var found []finding.Finding
	if of.Partial == "" {
		before := validate(ctx, pod.DeepCopy())
		if err := r.merge(sent.Namespace, pod); err != nil {
			return nil, err
		}
		found = spoiled(of, ranges, before, validate(ctx, pod.DeepCopy()))
	}
	for _, one := range ranges {
		for _, bound := range bounds(one) {
			found = append(found, bound.pod(of, pod)...)
		}
	}
	for i := range pod.Spec.Volumes {
		if ephemeral := pod.Spec.Volumes[i].Ephemeral; ephemeral != nil && ephemeral.VolumeClaimTemplate != nil {
			pointer := finding.Join(of.Volume(i), "ephemeral", "volumeClaimTemplate", "spec")
			found = append(found, r.claim(sent.Namespace, pointer, &ephemeral.VolumeClaimTemplate.Spec)...)
		}
	}
	return found, nil
}

// spoiled are the errors that a pod has for the defaults alone.
func spoiled(of *podsecurity.Pod, ranges []*corev1.LimitRange, before, after field.ErrorList) (found []finding.Finding) {
	for _, refusal := range after {
		same := func(other *field.Error) bool { return other.Error() == refusal.Error() }
		if slices.ContainsFunc(before, same) {
			continue
		}
		found = append(found, finding.Finding{
			Rule: finding.LimitRangeDefault, Severity: finding.Error, Type: string(refusal.Type), Field: refusal.Field,
			Pointer: of.At(strings.TrimPrefix(refusal.Field, "spec")),
			Message: fmt.Sprintf("with the defaults of %s every pod is refused: %s", names(ranges), refusal.Error()),
		})
	}
	return found
}

func names(ranges []*corev1.LimitRange) string {
	all := make([]string, len(ranges))
	for i, one := range ranges {
		all[i] = name(one)
	}
	return strings.Join(all, " and ")
}

func name(one *corev1.LimitRange) string {
	return fmt.Sprintf("LimitRange/%s/%s", cmp.Or(one.Namespace, corev1.NamespaceDefault), one.Name)
}

// Claim says what LimitRanger refuses of a claim, given as the specification that stands at a pointer.
func (r Ranges) Claim(namespace, pointer string, spec map[string]any) ([]finding.Finding, error) {
	typed, internal := &corev1.PersistentVolumeClaimSpec{}, &api.PersistentVolumeClaimSpec{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(spec, typed); err != nil {
		return nil, err
	}
	if err := legacyscheme.Scheme.Convert(typed, internal, nil); err != nil {
		return nil, err
	}
	return r.claim(namespace, pointer, internal), nil
}

func (r Ranges) claim(namespace, pointer string, spec *api.PersistentVolumeClaimSpec) (found []finding.Finding) {
	claim := &api.PersistentVolumeClaim{Spec: *spec}
	for _, one := range r[namespace] {
		for _, bound := range bounds(one) {
			if err := limitranger.PersistentVolumeClaimValidateLimitFunc(bound.alone, claim); err != nil {
				found = append(found, bound.finding(err, finding.Join(pointer, "resources", "requests", string(bound.resource)), "a claim"))
			}
		}
	}
	return found
}
