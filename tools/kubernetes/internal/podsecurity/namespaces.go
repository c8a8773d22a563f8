package podsecurity

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"

	"aurora.example/tools/kubernetes/internal/finding"
)

type metaObject = metav1.ObjectMeta

// mode is one of enforce, warn and audit at the level of a namespace.
type mode struct {
	rule     finding.Rule
	severity finding.Severity
	lv       api.LevelVersion
}

// Blocker is one reason why a namespace cannot have a level.
type Blocker struct {
	// Blocks is the lowest level that the namespace cannot have because of it.
	Blocks   string `json:"blocks"`
	Check    string `json:"check"`
	Resource string `json:"resource"`
	Pointer  string `json:"pointer"`
	Message  string `json:"message"`
	Partial  string `json:"partial,omitempty"`
}

// NamespaceLevel says what a namespace has, and what it could have if it had no pods but these.
type NamespaceLevel struct {
	Namespace string `json:"namespace"`
	// Known is false when nobody described the namespace, so that the setting for unknown ones was used.
	Known    bool      `json:"known"`
	Level    string    `json:"level"`
	Version  string    `json:"version"`
	Warn     string    `json:"warn"`
	Audit    string    `json:"audit"`
	Highest  string    `json:"highest"`
	Pods     int       `json:"pods"`
	Unread   int       `json:"unread"`
	Blockers []Blocker `json:"blockers"`
}

// Namespaces holds the labels of namespaces.
type Namespaces struct {
	mutex   sync.Mutex
	labels  map[string]map[string]string
	unknown api.LevelVersion
}

// NewNamespaces starts without any namespace; unknown ones are privileged until told otherwise.
func NewNamespaces() *Namespaces {
	return &Namespaces{
		labels:  map[string]map[string]string{},
		unknown: api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()},
	}
}

// Describe makes a namespace known.
func (n *Namespaces) Describe(name string, labels map[string]string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.labels[name] = labels
}

// JudgeUnknown sets the level for namespaces that nobody described.
func (n *Namespaces) JudgeUnknown(level, version string) error {
	l, err := api.ParseLevel(level)
	if err != nil {
		return fmt.Errorf("level of unknown namespaces: %w", err)
	}
	v := api.LatestVersion()
	if version != "" {
		if v, err = api.ParseVersion(version); err != nil {
			return fmt.Errorf("version of unknown namespaces: %w", err)
		}
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.unknown = api.LevelVersion{Level: l, Version: v}
	return nil
}

// Labels returns the labels of a namespace, and whether it is known.
func (n *Namespaces) Labels(name string) (map[string]string, bool) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	labels, known := n.labels[name]
	return labels, known
}

// policy is what the admission plugin would use: a namespace without labels is privileged.
func (n *Namespaces) policy(name string) api.Policy {
	labels, known := n.labels[name]
	lv := api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()}
	if !known {
		lv = n.unknown
	}
	p, _ := api.PolicyToEvaluate(labels, api.Policy{Enforce: lv, Warn: lv, Audit: lv})
	return p
}

// level returns the record of a namespace without pods, and what the admission plugin would use.
func (n *Namespaces) level(name string) (NamespaceLevel, api.Policy) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	p := n.policy(name)
	_, known := n.labels[name]
	return NamespaceLevel{
		Namespace: name, Known: known, Level: string(p.Enforce.Level), Version: p.Enforce.Version.String(),
		Warn: p.Warn.String(), Audit: p.Audit.String(), Highest: string(api.LevelRestricted), Blockers: []Blocker{},
	}, p
}

// Judge finds what the pods of an object violate in its namespace, and what the namespace could have beside them.
func (n *Namespaces) Judge(judge *Judge, resource, namespace string, pods []Pod) (record NamespaceLevel, found []finding.Finding, unread []string) {
	record, p := n.level(namespace)
	for i := range pods {
		pod := &pods[i]
		if pod.Unread != "" {
			unread = append(unread, pod.Pointer+": "+pod.Unread)
			continue
		}
		found = append(found, violations(judge, pod, p, namespace)...)
		record.Blockers = append(record.Blockers, blocks(judge, pod, p.Enforce.Version, resource)...)
	}
	for _, b := range record.Blockers {
		record.Highest = lower(record.Highest, b.Blocks)
	}
	record.Pods, record.Unread = len(pods), len(unread)
	return record, found, unread
}

// violations reports each check once, in its gravest mode.
func violations(judge *Judge, pod *Pod, p api.Policy, namespace string) []finding.Finding {
	var found []finding.Finding
	seen := map[string]bool{}
	for _, m := range []mode{
		{finding.PodEnforce, finding.Error, p.Enforce}, {finding.PodWarn, finding.Warning, p.Warn}, {finding.PodAudit, finding.Info, p.Audit},
	} {
		for _, v := range judge.Violations(pod, m.lv) {
			if key := string(v.Check) + " " + v.Pointer; !seen[key] {
				seen[key] = true
				found = append(found, v.finding(m, pod, namespace))
			}
		}
	}
	return found
}

func blocks(judge *Judge, pod *Pod, version api.Version, resource string) []Blocker {
	var found []Blocker
	for _, v := range judge.Violations(pod, api.LevelVersion{Level: api.LevelRestricted, Version: version}) {
		found = append(found, Blocker{
			Blocks: string(v.Level), Check: string(v.Check), Resource: resource,
			Pointer: v.Pointer, Message: v.Message, Partial: pod.Partial,
		})
	}
	return found
}

// lower is the highest level below the one that a blocker blocks.
func lower(highest, blocks string) string {
	if blocks == string(api.LevelBaseline) {
		return string(api.LevelPrivileged)
	}
	if highest == string(api.LevelRestricted) {
		return string(api.LevelBaseline)
	}
	return highest
}

// Levels returns the record of every described namespace without pods, in the order of names.
func (n *Namespaces) Levels() []NamespaceLevel {
	n.mutex.Lock()
	names := slices.Sorted(maps.Keys(n.labels))
	n.mutex.Unlock()
	all := make([]NamespaceLevel, 0, len(names))
	for _, name := range names {
		record, _ := n.level(name)
		all = append(all, record)
	}
	return all
}

// JudgeLabels says what the admission plugin says of a namespace whose labels it cannot read.
func JudgeLabels(labels map[string]string) []finding.Finding {
	lv := api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()}
	_, errs := api.PolicyToEvaluate(labels, api.Policy{Enforce: lv, Warn: lv, Audit: lv})
	var found []finding.Finding
	for _, e := range errs {
		key := fmt.Sprint(e.Field)
		found = append(found, finding.Finding{
			Rule: finding.PodNamespace, Severity: finding.Error, Message: e.Error(), Field: key, Type: string(e.Type),
			Pointer: labelPointer(labels, key),
		})
	}
	return found
}

// labelPointer finds the label that an error names.
func labelPointer(labels map[string]string, field string) string {
	return finding.Locate(map[string]any{"metadata": map[string]any{"labels": anyMap(labels)}}, field)
}

func anyMap(labels map[string]string) map[string]any {
	result := make(map[string]any, len(labels))
	for key, value := range labels {
		result[key] = value
	}
	return result
}
