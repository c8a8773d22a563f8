package custom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/conversion"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/unstructuredscheme"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
	"aurora.example/tools/kubernetes/internal/update"
)

// ErrConversion means that a webhook of the cluster converts between the two versions.
var ErrConversion = errors.New("a conversion webhook stands between the two versions")

// Update runs what the server runs when somebody applies the manifest over the old one.
func (d *Definitions) Update(ctx context.Context, document, old *manifest.Document) ([]finding.Finding, error) {
	compiled, refused, err := d.resolve(document.GVK)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return []finding.Finding{*refused}, nil
	}
	if old.GVK.Version != document.GVK.Version && compiled.conversion == v1.WebhookConverter {
		return nil, ErrConversion
	}
	return update.Judge(ctx, compiled, document, old)
}

// New implements update.Kind.
func (v *version) New(schema.GroupVersionKind) (runtime.Object, error) {
	return unstructuredscheme.NewUnstructuredCreator().New(v.kind)
}

// Read implements update.Kind: an object of another version becomes one of this.
func (v *version) Read(document *manifest.Document) (runtime.Object, []finding.Finding) {
	object := v.read(document)
	if object.Content == nil {
		return nil, object.Findings
	}
	object.Content.SetAPIVersion(v.kind.GroupVersion().String())
	return object.Content, nil
}

// object wraps content of this version.
func (v *version) object(content runtime.Object) *Object {
	object := &Object{
		version: v, Content: content.(*unstructured.Unstructured),
		Resource: schema.GroupVersionResource{Group: v.kind.Group, Version: v.kind.Version, Resource: v.resource},
	}
	object.Namespace = request.Namespace(object.Content, v.namespaced)
	return object
}

// Start implements update.Kind.
func (v *version) Start(ctx context.Context, content runtime.Object, _ schema.GroupVersionKind) (runtime.Object, error) {
	object := v.object(content)
	object.Content.SetAPIVersion(v.kind.GroupVersion().String())
	request.FillMetadata(object.Content)
	object.Content.SetNamespace(object.Namespace)
	ctx = request.Context(ctx, object.target("create"), &finding.Recorder{})
	v.strategy.PrepareForCreate(ctx, object.Content)
	structuraldefaulting.Default(object.Content.Object, v.structural)
	object.Content.SetResourceVersion("1")
	return object.Content, nil
}

// Patch implements update.Kind: the three-way JSON merge of a client-side apply of custom kinds.
func (v *version) Patch(document, old *manifest.Document, running runtime.Object) ([]byte, error) {
	current, err := json.Marshal(running)
	if err != nil {
		return nil, err
	}
	patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(old.JSON, document.JSON, current)
	if err != nil {
		return nil, err
	}
	return jsonpatch.MergePatch(current, patch)
}

// Change implements update.Kind.
func (v *version) Change(ctx context.Context, content, running runtime.Object, document *manifest.Document) []finding.Finding {
	recorder := &finding.Recorder{}
	ctx = request.Context(ctx, v.object(content).target("update"), recorder)
	var found []finding.Finding
	if err := rest.BeforeUpdate(v.strategy, ctx, content, running); err != nil {
		found = v.refused(finding.UpdateRefused, err, document)
	}
	return append(found, recorder.Findings(finding.ServerWarning, document.Tree())...)
}

// Alike implements update.Kind: a manifest that is refused as a new object is refused by a server-side apply for the same reasons.
func (v *version) Alike(document, _ *manifest.Document) bool {
	return finding.Refused(v.read(document).Findings)
}

// FieldManager implements update.Kind.
func (v *version) FieldManager(schema.GroupVersionKind) (*managedfields.FieldManager, error) {
	return v.fields()
}

// fieldManager is made as the server's customresource_handler makes it (scopeWithFieldManager, buildOpenAPIModelsForApply).
func (v *version) fieldManager(crd *v1.CustomResourceDefinition) (*managedfields.FieldManager, error) {
	models, err := builder.BuildOpenAPIV3(crd, v.kind.Version, builder.Options{})
	if err != nil {
		return nil, fmt.Errorf("describe %s for server-side apply: %w", v.kind, err)
	}
	types, err := managedfields.NewTypeConverter(models.Components.Schemas, v.preserve)
	if err != nil {
		return nil, fmt.Errorf("describe %s for server-side apply: %w", v.kind, err)
	}
	var resets map[fieldpath.APIVersion]fieldpath.Filter
	if strategy, ok := v.strategy.(rest.ResetFieldsStrategy); ok {
		resets = fieldpath.NewExcludeFilterSetMap(strategy.GetResetFields())
	}
	// Only versions that differ in their names meet here: what a webhook converts is not judged.
	alike := crd.DeepCopy()
	alike.Spec.Conversion = &v1.CustomResourceConversion{Strategy: v1.NoneConverter}
	converter, _, err := (&conversion.CRConverterFactory{}).NewConverter(alike)
	if err != nil {
		return nil, err
	}
	creator := unstructuredscheme.NewUnstructuredCreator()
	return managedfields.NewDefaultCRDFieldManager(types, converter, defaulter{v.structural}, creator, v.kind, v.kind.GroupVersion(), "", resets)
}

// defaulter fills in the defaults of a schema.
type defaulter struct {
	structural *structuralschema.Structural
}

// Default implements runtime.ObjectDefaulter.
func (d defaulter) Default(in runtime.Object) {
	if object, ok := in.(*unstructured.Unstructured); ok {
		structuraldefaulting.Default(object.Object, d.structural)
	}
}
