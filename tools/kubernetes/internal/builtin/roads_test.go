package builtin

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/api/legacyscheme"

	"aurora.example/tools/kubernetes/internal/corpus"
	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
	"aurora.example/tools/kubernetes/internal/shape"
	"aurora.example/tools/kubernetes/internal/update"
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

// twoProtocols holds one port for two protocols: a client, which knows a port by its number only, mistakes one for the other.
const twoProtocols = `apiVersion: batch/v1
kind: Job
metadata: {name: dns, namespace: ml}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: a, image: "i:1", ports: [{containerPort: 53, protocol: UDP, hostPort: 1}, {containerPort: 53, protocol: TCP, hostPort: 2}]}
`

func TestItemsThatAClientMistakesForEachOtherNeverMergeAlike(t *testing.T) {
	changed := read(t, strings.Replace(twoProtocols, "hostPort: 2", "hostPort: 1", 1))
	for name, document := range map[string]*manifest.Document{
		"another value":  changed,
		"the same list":  read(t, twoProtocols),
		"another's name": read(t, strings.Replace(twoProtocols, "i:1", "i:2", 1)),
	} {
		if mergesAlike(document, read(t, twoProtocols)) {
			t.Errorf("%s: the two ports have one number", name)
		}
	}
	found, err := kindOf(t, changed).Update(t.Context(), changed, read(t, twoProtocols))
	if err != nil || len(found) != 1 || found[0].Pointer != "/spec/template" || found[0].Apply != finding.ServerSide {
		t.Errorf("only a server-side apply sees this change: %v %+v", err, found)
	}
}

// TestAClientTellsItemsApartByTheFirstKeyOfTheServer walks the fields of every built-in kind.
func TestAClientTellsItemsApartByTheFirstKeyOfTheServer(t *testing.T) {
	walk := keyWalk{t: t, seen: map[reflect.Type]bool{}}
	for _, kind := range table().All() {
		for _, version := range kind.Versions {
			gvk := schema.GroupVersionKind{Group: kind.Group, Version: version, Kind: kind.Kind}
			if typ, ok := legacyscheme.Scheme.AllKnownTypes()[gvk]; ok {
				walk.visit(typ, shape.Builtin(gvk))
			}
		}
	}
	if walk.lists < 25 {
		t.Fatalf("only %d lists walked", walk.lists)
	}
}

// keyWalk compares the key of a client, which stands in the Go types, with those of the server.
type keyWalk struct {
	t     *testing.T
	seen  map[reflect.Type]bool
	lists int
}

func (w *keyWalk) visit(typ reflect.Type, known shape.Shape) {
	switch typ.Kind() {
	case reflect.Pointer:
		w.visit(typ.Elem(), known)
	case reflect.Slice:
		w.visit(typ.Elem(), known.Item())
	case reflect.Struct:
		if !w.seen[typ] {
			w.seen[typ] = true
			for i := range typ.NumField() {
				w.field(typ, typ.Field(i), known)
			}
		}
	}
}

func (w *keyWalk) field(owner reflect.Type, field reflect.StructField, known shape.Shape) {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	if name == "" {
		w.visit(field.Type, known)
		return
	}
	key, keys := field.Tag.Get("patchMergeKey"), known.Field(name).List().Keys
	if key != "" && len(keys) > 0 {
		w.lists++
		if key != keys[0] {
			w.t.Errorf("%s.%s: %q and %q", owner, field.Name, key, keys)
		}
	}
	w.visit(field.Type, known.Field(name))
}

// TestWhatMergesAlikeComesToTheSameObject goes both roads for every change among the cases of the verdicts.
func TestWhatMergesAlikeComesToTheSameObject(t *testing.T) {
	suites, err := corpus.Read("../verdict/testdata/judge")
	if err != nil {
		t.Fatal(err)
	}
	alike := 0
	for _, suite := range suites {
		for _, c := range suite.Cases {
			document, err := manifest.FromJSON(c.Manifest)
			if err != nil || len(c.Old) == 0 {
				continue
			}
			old, err := manifest.FromJSON(c.Old)
			if err != nil || old.Name != document.Name || !mergesAlike(document, old) {
				continue
			}
			kind, ok := table().Find(document.GVK.GroupKind())
			if !ok || kind.Scheme != legacyscheme.Scheme {
				continue
			}
			if client, server, ok := bothRoads(t, kind, document, old); ok {
				alike++
				if client != server {
					t.Errorf("%s: %s: the client's merge is %s, the server's %s", suite.Name, c.Name, client, server)
				}
			}
		}
	}
	if alike < 20 {
		t.Fatalf("only %d changes merge alike", alike)
	}
}

// bothRoads merges as a client and as the server; ok is false where the one or the other manifest cannot be read at all.
func bothRoads(t *testing.T, kind *Kind, document, old *manifest.Document) (client, server string, ok bool) {
	t.Helper()
	patched, _, _, err := update.Client(t.Context(), changing{kind}, document, old)
	if err != nil || patched == nil {
		return "", "", false
	}
	merged, _, err := update.Server(t.Context(), changing{kind}, document, old)
	if err != nil || merged == nil {
		t.Fatal(err, merged)
	}
	return written(t, patched), written(t, merged), true
}

// written is an object without what tells the two roads apart by design: who owns which field, and the clock.
func written(t *testing.T, object runtime.Object) string {
	t.Helper()
	access := request.Accessor(object)
	access.SetManagedFields(nil)
	access.SetCreationTimestamp(metav1.Time{})
	object.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func kindOf(t *testing.T, document *manifest.Document) *Kind {
	t.Helper()
	kind, ok := table().Find(document.GVK.GroupKind())
	if !ok {
		t.Fatalf("no entry for %s", document.GVK)
	}
	return kind
}

func read(t *testing.T, text string) *manifest.Document {
	t.Helper()
	document, err := manifest.FromText(text)
	if err != nil {
		t.Fatal(err)
	}
	return document
}
