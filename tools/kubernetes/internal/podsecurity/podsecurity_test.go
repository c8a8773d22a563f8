package podsecurity_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/pod-security-admission/admission"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"aurora.example/tools/kubernetes/internal/kinds"
	"aurora.example/tools/kubernetes/internal/podsecurity"
)

// resources of the built-in rows, to ask the official extractor about them.
var resources = map[string]string{
	"/Pod": "pods", "/PodTemplate": "podtemplates", "/ReplicationController": "replicationcontrollers",
	"apps/DaemonSet": "daemonsets", "apps/Deployment": "deployments", "apps/ReplicaSet": "replicasets",
	"apps/StatefulSet": "statefulsets", "batch/CronJob": "cronjobs", "batch/Job": "jobs",
}

func readTable(t *testing.T) ([]podsecurity.Place, *podsecurity.Table) {
	t.Helper()
	places, err := kinds.Pods("../../../../cli/aurora/kinds")
	if err != nil || len(places) < 60 {
		t.Fatalf("%d places: %v", len(places), err)
	}
	table := podsecurity.NewTable()
	for _, p := range places {
		if err := table.Add(p); err != nil {
			t.Errorf("%s/%s: %v", p.Group, p.Kind, err)
		}
	}
	return places, table
}

func TestTheBuiltInKindsAreThoseOfTheAdmissionPlugin(t *testing.T) {
	_, table := readTable(t)
	official := map[string]bool{}
	for _, gr := range (admission.DefaultPodSpecExtractor{}).PodSpecResources() {
		official[gr.Group+"/"+gr.Resource] = true
	}
	for key, resource := range resources {
		group, kind, _ := strings.Cut(key, "/")
		if !table.HasPods(schema.GroupKind{Group: group, Kind: kind}) || !official[group+"/"+resource] {
			t.Errorf("%s is in one table only", key)
		}
	}
	if len(official) != len(resources) {
		t.Errorf("the plugin knows %d resources, the table %d", len(official), len(resources))
	}
}

// TestEveryPathOfTheTableLeadsToAPod plants a privileged container at each path and demands that it is found.
func TestEveryPathOfTheTableLeadsToAPod(t *testing.T) {
	judge, err := podsecurity.NewJudge()
	if err != nil {
		t.Fatal(err)
	}
	places, table := readTable(t)
	for _, p := range places {
		tree := map[string]any{}
		plant(tree, p.At, planted(p.Form))
		found := 0
		for _, pod := range table.Pods(schema.GroupKind{Group: p.Group, Kind: p.Kind}, tree) {
			for _, v := range judge.Violations(&pod, api.LevelVersion{Level: api.LevelBaseline, Version: api.LatestVersion()}) {
				if v.Check == "privileged" && strings.HasSuffix(v.Pointer, "/securityContext/privileged") {
					found++
				}
			}
		}
		if found == 0 {
			t.Errorf("%s/%s: nothing found at %v", p.Group, p.Kind, p.At)
		}
	}
}

func TestABrokenPathIsRefused(t *testing.T) {
	table := podsecurity.NewTable()
	for _, p := range []podsecurity.Place{
		{Form: podsecurity.Spec}, {Kind: "A", Form: "sphere"}, {Kind: "A", Form: podsecurity.Spec, At: []string{"spec", ""}},
	} {
		if table.Add(p) == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
	good := podsecurity.Place{Kind: "A", Form: podsecurity.Spec, At: []string{"spec"}}
	if !table.Empty() || table.Add(good) != nil || table.Add(good) == nil || table.Empty() {
		t.Error("a path is known once")
	}
}

func planted(form podsecurity.Form) map[string]any {
	bad := map[string]any{"name": "a", "securityContext": map[string]any{"privileged": true}}
	spec := map[string]any{"containers": []any{bad}}
	switch form {
	case podsecurity.Container:
		return bad
	case podsecurity.Component:
		return map[string]any{"model": bad}
	case podsecurity.Workflow:
		return map[string]any{"templates": []any{map[string]any{"container": bad}}}
	case podsecurity.Template:
		return map[string]any{"spec": spec}
	}
	return spec
}

// plant puts a value at a path; a wildcard becomes a list of one.
func plant(tree map[string]any, tokens []string, value map[string]any) {
	if len(tokens) == 0 {
		for k, v := range value {
			tree[k] = v
		}
		return
	}
	inner := map[string]any{}
	if len(tokens) > 1 && tokens[1] == "*" {
		plant(inner, tokens[2:], value)
		tree[tokens[0]] = []any{inner}
		return
	}
	plant(inner, tokens[1:], value)
	tree[tokens[0]] = inner
}

// TestNamedChecksDecideAsTheOfficialEvaluator compares with an evaluator of untouched checks, for every version.
func TestNamedChecksDecideAsTheOfficialEvaluator(t *testing.T) {
	judge, err := podsecurity.NewJudge()
	if err != nil {
		t.Fatal(err)
	}
	official, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	yes, root := true, int64(0)
	specs := []corev1.PodSpec{
		{}, {HostPID: true}, {Containers: []corev1.Container{{Name: "a"}}},
		{Containers: []corev1.Container{{Name: "a", SecurityContext: &corev1.SecurityContext{Privileged: &yes, RunAsUser: &root}}}},
		{Volumes: []corev1.Volume{{Name: "h", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}}}},
	}
	for minor := range 37 {
		for _, level := range []api.Level{api.LevelPrivileged, api.LevelBaseline, api.LevelRestricted} {
			lv := api.LevelVersion{Level: level, Version: api.MajorMinorVersion(1, minor)}
			for i := range specs {
				pod := podsecurity.Pod{Spec: specs[i]}
				refused := 0
				for _, r := range official.EvaluatePod(lv, &pod.Metadata, &pod.Spec) {
					if !r.Allowed {
						refused++
					}
				}
				named := map[policy.CheckID]bool{}
				for _, v := range judge.Violations(&pod, lv) {
					named[v.Check] = true
				}
				if len(named) != refused {
					t.Errorf("%s, pod %d: %d checks refuse, %d are named", lv, i, refused, len(named))
				}
			}
		}
	}
}
