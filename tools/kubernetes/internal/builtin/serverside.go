package builtin

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/shape"
)

// applier is the field manager of both applies: the same client applied the old manifest.
const applier = "aurora"

// serverSide judges the same change as a server-side apply. It merges otherwise than a client does: what the server
// itself filled in belongs to nobody and stays.
func (k *Kind) serverSide(ctx context.Context, document, old *manifest.Document) ([]finding.Finding, error) {
	if k.Scheme != legacyscheme.Scheme || mergesAlike(document, old) {
		return nil, nil
	}
	empty, err := k.Scheme.New(old.GVK)
	if err != nil {
		return nil, err
	}
	// An old manifest that could never be applied so has been brought in by other means.
	before, err := k.mergeFields(empty, old)
	if err != nil {
		return nil, nil
	}
	running, err := k.start(ctx, &Object{Kind: k, GVK: old.GVK, Internal: before})
	if err != nil {
		return nil, err
	}
	merged, err := k.mergeFields(running.DeepCopyObject(), document)
	if err != nil {
		return finding.FromError(finding.UpdateRefused, err, document.Tree()), nil
	}
	object := &Object{Kind: k, GVK: document.GVK, Internal: merged}
	return k.change(ctx, object, running, document), nil
}

// mergeFields is a server-side apply of a manifest on an object, in the internal version.
func (k *Kind) mergeFields(live runtime.Object, document *manifest.Document) (runtime.Object, error) {
	fields, err := k.fieldManager(document.GVK)
	if err != nil {
		return nil, err
	}
	return fields.Apply(live, &unstructured.Unstructured{Object: document.Copy()}, applier, true)
}

var fieldManagers sync.Map

// fieldManager makes the field manager of one version as the server's installer does.
func (k *Kind) fieldManager(gvk schema.GroupVersionKind) (*managedfields.FieldManager, error) {
	if known, ok := fieldManagers.Load(gvk); ok {
		return known.(*managedfields.FieldManager), nil
	}
	internal := schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal}
	var filters map[fieldpath.APIVersion]fieldpath.Filter
	if strategy, ok := k.Strategy.(rest.ResetFieldsStrategy); ok {
		filters = fieldpath.NewExcludeFilterSetMap(strategy.GetResetFields())
	}
	made, err := managedfields.NewDefaultFieldManager(shape.Converter(), k.Scheme, k.Scheme, k.Scheme, gvk, internal, "", filters)
	if err != nil {
		return nil, fmt.Errorf("make the field manager of %s: %w", gvk, err)
	}
	fieldManagers.Store(gvk, made)
	return made, nil
}
