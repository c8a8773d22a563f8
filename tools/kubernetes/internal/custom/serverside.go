package custom

import (
	"context"
	"fmt"

	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/conversion"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/unstructuredscheme"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/registry/rest"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
)

// applier is the field manager of both applies: the same client applied the old manifest.
const applier = "aurora"

// serverSide judges the same change as a server-side apply: defaults that the old manifest brought about belong to nobody
// and stay. Manifests that cannot be applied at all are judged elsewhere.
func (v *version) serverSide(ctx context.Context, document, old *manifest.Document) ([]finding.Finding, error) {
	fields, err := v.fields()
	if err != nil {
		return nil, err
	}
	empty, err := unstructuredscheme.NewUnstructuredCreator().New(v.kind)
	if err != nil {
		return nil, err
	}
	before, err := v.mergeFields(fields, empty, old)
	if err != nil {
		return nil, nil
	}
	running := v.start(ctx, v.object(before))
	merged, err := v.mergeFields(fields, running.Content.DeepCopy(), document)
	if err != nil {
		return finding.FromError(finding.UpdateRefused, err, document.Tree()), nil
	}
	return v.change(ctx, v.object(merged), running, document), nil
}

func (v *version) mergeFields(fields *managedfields.FieldManager, live runtime.Object, document *manifest.Document) (*unstructured.Unstructured, error) {
	applied := &unstructured.Unstructured{Object: document.Copy()}
	applied.SetAPIVersion(v.kind.GroupVersion().String())
	merged, err := fields.Apply(live, applied, applier, true)
	if err != nil {
		return nil, err
	}
	content, ok := merged.(*unstructured.Unstructured)
	if !ok {
		return nil, fmt.Errorf("the merged object is a %T", merged)
	}
	return content, nil
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
