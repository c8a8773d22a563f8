package builtin

import (
	"strings"
	"testing"

	"aurora.example/tools/kubernetes/internal/manifest"
)

const webDeployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ml}
spec:
  replicas: 1
  strategy: {type: RollingUpdate}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      tolerations: [{key: gpu, operator: Exists}]
      containers:
      - {name: web, image: "example.com/web:1", args: [a], ports: [{containerPort: 80, name: http}]}
`

func TestOnlyValuesOfPlainFieldsMergeAlike(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		alike    bool
	}{
		"nothing":           {"replicas: 1", "replicas: 1", true},
		"a number":          {"replicas: 1", "replicas: 2", true},
		"an image":          {"web:1", "web:2", true},
		"a label":           {"labels: {app: web}", "labels: {app: api}", true},
		"a port's name":     {"name: http", "name: rest", true},
		"a new field":       {"replicas: 1", "replicas: 1\n  paused: true", false},
		"a lost field":      {"  replicas: 1\n", "", false},
		"a discriminator":   {"type: RollingUpdate", "type: Recreate", false},
		"a container's key": {"{name: web, image", "{name: api, image", false},
		"a port's key":      {"containerPort: 80", "containerPort: 81", false},
		"a plain list":      {"args: [a]", "args: [b]", false},
		"an atomic list":    {"key: gpu", "key: tpu", false},
		"another item":      {"[{containerPort: 80, name: http}]", "[{containerPort: 80, name: http}, {containerPort: 81}]", false},
		"null":              {"replicas: 1", "replicas: null", false},
		"a map for a value": {"replicas: 1", "replicas: {a: 1}", false},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(webDeployment, c.old, c.new, 1)
			if got := mergesAlike(read(t, changed), read(t, webDeployment)); got != c.alike {
				t.Errorf("mergesAlike is %t", got)
			}
		})
	}
}

func TestAnUnknownKindNeverMergesAlikeWhereItsListsDiffer(t *testing.T) {
	widget := "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec: {parts: [{name: x, size: 1}]}\n"
	if mergesAlike(read(t, strings.Replace(widget, "size: 1", "size: 2", 1)), read(t, widget)) {
		t.Error("nobody knows the keys of that list")
	}
}

func read(t *testing.T, text string) *manifest.Document {
	t.Helper()
	document, err := manifest.FromText(text)
	if err != nil {
		t.Fatal(err)
	}
	return document
}
