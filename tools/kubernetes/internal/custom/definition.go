// Package custom judges objects whose kinds come from CustomResourceDefinitions, with the code of
// k8s.io/apiextensions-apiserver.
//
// It owns the known definitions and loads one only when an object needs it. It must not know of built-in kinds,
// of Pod Security, or of the protocol.
package custom

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"

	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// Reference says where a definition is, without reading it.
type Reference struct {
	Path  string `json:"path"`
	Group string `json:"group"`
	Kind  string `json:"kind"`
}

// Definitions holds what is known of custom kinds. Manifests come before files: a kind that the input defines
// is judged by that definition.
type Definitions struct {
	mutex     sync.Mutex
	manifests map[schema.GroupKind]*definition
	files     map[schema.GroupKind]*definition
}

// NewDefinitions returns an empty set.
func NewDefinitions() *Definitions {
	return &Definitions{manifests: map[schema.GroupKind]*definition{}, files: map[schema.GroupKind]*definition{}}
}

// definition is one CRD, loaded and compiled on first use.
type definition struct {
	load func() (*v1.CustomResourceDefinition, error)
	// raw is the manifest, to tell a repeated definition from a second one.
	raw []byte
	// conflict names a second, different definition of the same kind.
	conflict error

	once     sync.Once
	crd      *v1.CustomResourceDefinition
	err      error
	mutex    sync.Mutex
	versions map[string]*version
}

// AddManifest makes a CRD of the input known. A second, different definition of a kind is an error, and
// objects of that kind get no verdict.
func (d *Definitions) AddManifest(raw []byte) error {
	crd, err := decode(raw)
	if err != nil {
		return err
	}
	gk := schema.GroupKind{Group: crd.Spec.Group, Kind: crd.Spec.Names.Kind}
	canonical, err := json.Marshal(crd.Spec)
	if err != nil {
		return fmt.Errorf("encode the definition: %w", err)
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if known, ok := d.manifests[gk]; ok {
		if string(known.raw) == string(canonical) {
			return nil
		}
		known.conflict = fmt.Errorf("two different definitions of %s", gk)
		return known.conflict
	}
	d.manifests[gk] = &definition{raw: canonical, load: func() (*v1.CustomResourceDefinition, error) { return crd, nil }}
	return nil
}

// AddFile makes the CRD in a file known without opening it. The last reference to a kind wins.
func (d *Definitions) AddFile(reference Reference) {
	gk := schema.GroupKind{Group: reference.Group, Kind: reference.Kind}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.files[gk] = &definition{load: func() (*v1.CustomResourceDefinition, error) { return readFile(reference) }}
}

// find returns the definition of a kind.
func (d *Definitions) find(gk schema.GroupKind) (*definition, bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if known, ok := d.manifests[gk]; ok {
		return known, true
	}
	known, ok := d.files[gk]
	return known, ok
}

// get loads the definition once.
func (d *definition) get() (*v1.CustomResourceDefinition, error) {
	if d.conflict != nil {
		return nil, d.conflict
	}
	d.once.Do(func() { d.crd, d.err = d.load() })
	return d.crd, d.err
}

// decode reads one CRD of the served version with the server's defaults and accepted names.
func decode(raw []byte) (*v1.CustomResourceDefinition, error) {
	object, gvk, err := apiextensionsserver.Codecs.UniversalDeserializer().Decode(raw, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("read the definition: %w", err)
	}
	crd, ok := object.(*v1.CustomResourceDefinition)
	if !ok {
		return nil, fmt.Errorf("read the definition: %s is not served", gvk)
	}
	apiextensionsserver.Scheme.Default(crd)
	crd.Status.AcceptedNames = crd.Spec.Names
	if crd.Spec.Group == "" || crd.Spec.Names.Kind == "" {
		return nil, fmt.Errorf("read the definition: `spec.group` and `spec.names.kind` must be set")
	}
	return crd, nil
}

// readFile finds the definition of one kind in a file of JSON or YAML documents.
func readFile(reference Reference) (*v1.CustomResourceDefinition, error) {
	file, err := os.Open(reference.Path)
	if err != nil {
		return nil, fmt.Errorf("open the definition of %s: %w", reference.Kind, err)
	}
	defer func() { _ = file.Close() }()
	documents := utilyaml.NewYAMLOrJSONDecoder(file, 1<<16)
	for {
		var raw json.RawMessage
		if err := documents.Decode(&raw); err != nil {
			return nil, fmt.Errorf("no definition of %s in group %s in `%s`: %w", reference.Kind, reference.Group, reference.Path, err)
		}
		if !defines(raw, reference) {
			continue
		}
		return decode(raw)
	}
}

// defines tells the wanted definition from its neighbours before the costly decoding.
func defines(raw []byte, reference Reference) bool {
	var head struct {
		Kind string `json:"kind"`
		Spec struct {
			Group string `json:"group"`
			Names struct {
				Kind string `json:"kind"`
			} `json:"names"`
		} `json:"spec"`
	}
	if json.Unmarshal(raw, &head) != nil {
		return false
	}
	return head.Kind == "CustomResourceDefinition" && head.Spec.Group == reference.Group && head.Spec.Names.Kind == reference.Kind
}

// Namespaced says whether a known kind is namespaced.
func (d *Definitions) Namespaced(gk schema.GroupKind) (namespaced, ok bool) {
	known, found := d.find(gk)
	if !found {
		return false, false
	}
	crd, err := known.get()
	if err != nil {
		return false, false
	}
	return crd.Spec.Scope == v1.NamespaceScoped, true
}
