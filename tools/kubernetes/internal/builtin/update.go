package builtin

import (
	"context"
	encodingjson "encoding/json"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
	"aurora.example/tools/kubernetes/internal/shape"
	"aurora.example/tools/kubernetes/internal/update"
)

// Update runs what the server runs when somebody applies the manifest over the old one.
func (k *Kind) Update(ctx context.Context, document, old *manifest.Document) ([]finding.Finding, error) {
	return update.Judge(ctx, changing{k}, document, old)
}

// changing is a kind as package update sees it; its objects are internal ones.
type changing struct{ *Kind }

// New implements update.Kind.
func (c changing) New(gvk schema.GroupVersionKind) (runtime.Object, error) { return c.Scheme.New(gvk) }

// Read implements update.Kind.
func (c changing) Read(document *manifest.Document) (runtime.Object, []finding.Finding) {
	object, usable := c.Decode(document)
	if !usable {
		return nil, object.Findings
	}
	return object.Internal, nil
}

// Start implements update.Kind.
func (c changing) Start(ctx context.Context, internal runtime.Object, gvk schema.GroupVersionKind) (runtime.Object, error) {
	access := request.Accessor(internal)
	object := &Object{Kind: c.Kind, GVK: gvk, Internal: internal, Namespace: request.Namespace(access, c.Strategy.NamespaceScoped())}
	request.FillMetadata(access)
	access.SetNamespace(object.Namespace)
	ctx, _ = request.WithGaps(ctx)
	ctx = request.Context(ctx, c.target(object, "create", access.GetName()), &finding.Recorder{})
	if err := c.admit(ctx, object, nil); err != nil {
		return nil, err
	}
	if c.Begin != nil {
		if _, err := c.Begin(internal).BeginCreate(ctx, internal, &metav1.CreateOptions{}); err != nil {
			return nil, err
		}
	}
	c.Strategy.PrepareForCreate(ctx, internal)
	c.Strategy.Canonicalize(internal)
	access.SetResourceVersion("1")
	run(internal)
	return internal, nil
}

// Patch implements update.Kind: the three-way strategic merge of a client-side apply.
func (c changing) Patch(document, old *manifest.Document, running runtime.Object) ([]byte, error) {
	current, err := c.Versioned(running, document.GVK)
	if err != nil {
		return nil, err
	}
	currentJSON, err := encodingjson.Marshal(current)
	if err != nil {
		return nil, err
	}
	meta, err := strategicpatch.NewPatchMetaFromStruct(current)
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(old.JSON, document.JSON, currentJSON, meta, true)
	if err != nil {
		return nil, err
	}
	return strategicpatch.StrategicMergePatchUsingLookupPatchMeta(currentJSON, patch, meta)
}

// Change implements update.Kind.
func (c changing) Change(ctx context.Context, internal, running runtime.Object, document *manifest.Document) []finding.Finding {
	recorder := &finding.Recorder{}
	object := &Object{Kind: c.Kind, GVK: document.GVK, Internal: internal, Namespace: request.Accessor(running).GetNamespace()}
	ctx = request.Context(ctx, c.target(object, "update", request.Accessor(running).GetName()), recorder)
	var found []finding.Finding
	if err := c.replace(ctx, object, running); err != nil {
		found = refused(finding.UpdateRefused, err, document)
	}
	return append(found, recorder.Findings(finding.ServerWarning, document.Tree())...)
}

// replace runs the admission plugins, the storage hooks and the strategy, in the server's order.
func (k *Kind) replace(ctx context.Context, object *Object, running runtime.Object) error {
	internal := object.Internal
	if err := k.admit(ctx, object, running); err != nil {
		return err
	}
	if k.Begin != nil {
		if _, err := k.Begin(internal).BeginUpdate(ctx, internal, running, &metav1.UpdateOptions{}); err != nil {
			return err
		}
	}
	if err := rest.BeforeUpdate(k.Strategy, ctx, internal, running); err != nil {
		return err
	}
	return k.validate(ctx, object, running)
}

var fieldManagers sync.Map

// FieldManager implements update.Kind: it makes the field manager of one version as the server's installer does.
func (c changing) FieldManager(gvk schema.GroupVersionKind) (*managedfields.FieldManager, error) {
	if known, ok := fieldManagers.Load(gvk); ok {
		return known.(*managedfields.FieldManager), nil
	}
	internal := schema.GroupVersion{Group: gvk.Group, Version: runtime.APIVersionInternal}
	var filters map[fieldpath.APIVersion]fieldpath.Filter
	if strategy, ok := c.Strategy.(rest.ResetFieldsStrategy); ok {
		filters = fieldpath.NewExcludeFilterSetMap(strategy.GetResetFields())
	}
	made, err := managedfields.NewDefaultFieldManager(shape.Converter(), c.Scheme, c.Scheme, c.Scheme, gvk, internal, "", filters)
	if err != nil {
		return nil, fmt.Errorf("make the field manager of %s: %w", gvk, err)
	}
	fieldManagers.Store(gvk, made)
	return made, nil
}

// Alike implements update.Kind; of other schemes server-side apply has no schema here.
func (c changing) Alike(document, old *manifest.Document) bool {
	return c.Scheme != legacyscheme.Scheme || mergesAlike(document, old)
}
