package builtin

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/corpus"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
	"aurora.example/tools/kubernetes/internal/shape"
	"aurora.example/tools/kubernetes/internal/update"
)

func TestOnlyValuesOfPlainFieldsMergeAlike(t *testing.T) {
	var table struct {
		Manifests map[string]string
		Changes   []struct {
			Name, Of string
			Swap     [2]string
			Alike    bool
		}
	}
	data, err := os.ReadFile("testdata/alike.yaml")
	if err == nil {
		err = yaml.UnmarshalStrict(data, &table)
	}
	if err != nil || len(table.Changes) < 18 {
		t.Fatal(len(table.Changes), err)
	}
	for _, c := range table.Changes {
		old, changed := table.Manifests[c.Of], strings.Replace(table.Manifests[c.Of], c.Swap[0], c.Swap[1], 1)
		if mergesAlike(read(t, changed), read(t, old)) != c.Alike {
			t.Errorf("%s: alike is not %t", c.Name, c.Alike)
		}
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

func read(t *testing.T, text string) *manifest.Document {
	t.Helper()
	document, err := manifest.FromText(text)
	if err != nil {
		t.Fatal(err)
	}
	return document
}
