// Package podsecurity judges every pod template by the Pod Security Standards, with the code of
// k8s.io/pod-security-admission.
//
// It owns the forms of pods and the levels of namespaces; the paths to pods are handed in. It must not know how an
// object is stored.
package podsecurity

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/linked"
)

// Judge evaluates pods; it is safe for use by many goroutines.
type Judge struct {
	evaluator policy.Evaluator
	levels    map[policy.CheckID]api.Level
}

// separator keeps the id of a check in front of its reason on the way through the evaluator, which drops ids.
const separator = "\x00"

// NewJudge builds the official evaluator from the official checks.
func NewJudge() (*Judge, error) {
	checks := policy.DefaultChecks()
	levels := map[policy.CheckID]api.Level{}
	for i := range checks {
		levels[checks[i].ID] = checks[i].Level
		checks[i].Versions = append([]policy.VersionedCheck(nil), checks[i].Versions...)
		for j := range checks[i].Versions {
			checks[i].Versions[j].CheckPod = named(checks[i].ID, checks[i].Versions[j].CheckPod)
		}
	}
	evaluator, err := linked.PodSecurity(checks)
	if err != nil {
		return nil, fmt.Errorf("build the Pod Security evaluator: %w", err)
	}
	return &Judge{evaluator: evaluator, levels: levels}, nil
}

func named(id policy.CheckID, check policy.CheckPodFn) policy.CheckPodFn {
	return func(metadata *metaObject, spec *corev1.PodSpec) policy.CheckResult {
		result := check(metadata, spec)
		result.ForbiddenReason = string(id) + separator + result.ForbiddenReason
		return result
	}
}

// Violation is one check that one part of a pod fails.
type Violation struct {
	Check   policy.CheckID
	Level   api.Level
	Message string
	Pointer string
}

// Violations lists what keeps a pod from a level, one for each check and part of the pod.
func (j *Judge) Violations(pod *Pod, lv api.LevelVersion) []Violation {
	var found []Violation
	for _, result := range j.evaluator.EvaluatePod(lv, &pod.Metadata, &pod.Spec) {
		if !result.Allowed {
			found = append(found, j.blame(pod, lv, result)...)
		}
	}
	return found
}

// blame finds the parts of the pod that fail a check by themselves.
func (j *Judge) blame(pod *Pod, lv api.LevelVersion, result policy.CheckResult) []Violation {
	id, _, _ := strings.Cut(result.ForbiddenReason, separator)
	check := policy.CheckID(id)
	var found []Violation
	for _, p := range parts(pod) {
		for _, partial := range j.evaluator.EvaluatePod(lv, &pod.Metadata, &p.spec) {
			if !partial.Allowed && strings.HasPrefix(partial.ForbiddenReason, id+separator) {
				found = append(found, j.violation(check, partial, p.pointer+p.detail(check, pod)))
			}
		}
		if p.whole && len(found) > 0 {
			return found
		}
	}
	if len(found) == 0 {
		found = append(found, j.violation(check, result, pod.Pointer))
	}
	return found
}

func (j *Judge) violation(check policy.CheckID, result policy.CheckResult, pointer string) Violation {
	_, reason, _ := strings.Cut(result.ForbiddenReason, separator)
	if result.ForbiddenDetail != "" {
		reason += " (" + result.ForbiddenDetail + ")"
	}
	return Violation{Check: check, Level: j.levels[check], Message: reason, Pointer: pointer}
}

// part is a pod with everything left out but its settings and at most one container or volume.
type part struct {
	spec    corev1.PodSpec
	pointer string
	whole   bool
	volume  bool
}

// parts splits a pod; its own settings come first, since every container inherits them.
func parts(pod *Pod) []part {
	settings := pod.Spec
	settings.Containers, settings.InitContainers, settings.EphemeralContainers, settings.Volumes = nil, nil, nil, nil
	all := []part{{spec: settings, pointer: pod.Pointer, whole: true}}
	for i := range pod.Spec.InitContainers {
		one := settings
		one.InitContainers = pod.Spec.InitContainers[i : i+1]
		all = append(all, part{spec: one, pointer: at(pod.initContainers, i, pod.Pointer)})
	}
	for i := range pod.Spec.Containers {
		one := settings
		one.Containers = pod.Spec.Containers[i : i+1]
		all = append(all, part{spec: one, pointer: at(pod.containers, i, pod.Pointer)})
	}
	for i := range pod.Spec.Volumes {
		one := settings
		one.Volumes = pod.Spec.Volumes[i : i+1]
		all = append(all, part{spec: one, pointer: at(pod.volumes, i, pod.Pointer), volume: true})
	}
	return all
}

// at guards against a patch that added items which stand nowhere in the manifest.
func at(pointers []string, i int, otherwise string) string {
	if i < len(pointers) {
		return pointers[i]
	}
	return otherwise
}

// fields are the settings that a check reads, relative to a pod spec or a container.
var fields = map[policy.CheckID]string{
	"allowPrivilegeEscalation":  "/securityContext/allowPrivilegeEscalation",
	"appArmorProfile":           "/securityContext/appArmorProfile",
	"capabilities_baseline":     "/securityContext/capabilities/add",
	"capabilities_restricted":   "/securityContext/capabilities",
	"hostPorts":                 "/ports",
	"privileged":                "/securityContext/privileged",
	"procMount":                 "/securityContext/procMount",
	"procMount_restricted":      "/securityContext/procMount",
	"runAsNonRoot":              "/securityContext/runAsNonRoot",
	"runAsUser":                 "/securityContext/runAsUser",
	"seLinuxOptions":            "/securityContext/seLinuxOptions",
	"seccompProfile_baseline":   "/securityContext/seccompProfile",
	"seccompProfile_restricted": "/securityContext/seccompProfile",
	"sysctls":                   "/securityContext/sysctls",
	"windowsHostProcess":        "/securityContext/windowsOptions/hostProcess",
}

// detail leads from a part to the field that its check reads.
func (p *part) detail(check policy.CheckID, pod *Pod) string {
	if check == "hostNamespaces" {
		return hostNamespace(pod)
	}
	if p.volume {
		return ""
	}
	return fields[check]
}

func hostNamespace(pod *Pod) string {
	switch spec := pod.Spec; {
	case spec.HostNetwork:
		return "/hostNetwork"
	case spec.HostPID:
		return "/hostPID"
	case spec.HostIPC:
		return "/hostIPC"
	}
	return ""
}

// finding turns a violation into a finding of one mode.
func (v Violation) finding(mode mode, pod *Pod, namespace string) finding.Finding {
	f := finding.Finding{
		Rule: mode.rule, Severity: mode.severity, Pointer: v.Pointer, Namespace: namespace,
		Check: string(v.Check), Level: string(mode.lv.Level), Partial: pod.Partial, Type: "FieldValueForbidden",
		Message: fmt.Sprintf("violates PodSecurity %q: %s", mode.lv.String(), v.Message),
	}
	if pod.Partial != "" && v.Level == api.LevelRestricted && f.Severity == finding.Error {
		f.Severity = finding.Warning
	}
	return f
}
