package custom

import (
	"context"
	"encoding/json"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apiserver/pkg/registry/rest"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
)

// ErrConversion means that a webhook of the cluster converts between the two versions.
var ErrConversion = fmt.Errorf("a conversion webhook stands between the two versions")

// ErrOldObject means that the old object cannot have been in a cluster, so that no update can be judged.
var ErrOldObject = fmt.Errorf("the old object cannot be read")

// Update runs what the server runs when somebody applies the manifest over the old one. The change is the
// three-way JSON merge that `kubectl apply` and Argo CD compute for custom kinds; then, unless that is refused, the merge of a
// server-side apply.
func (d *Definitions) Update(ctx context.Context, document, old *manifest.Document) (*Object, error) {
	compiled, refused, err := d.resolve(document.GVK)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return &Object{Findings: []finding.Finding{*refused}}, nil
	}
	if old.GVK.Version != document.GVK.Version && compiled.conversion == v1.WebhookConverter {
		return nil, ErrConversion
	}
	running, err := compiled.running(ctx, old)
	if err != nil {
		return nil, err
	}
	object, err := compiled.applied(document, old, running)
	if err != nil || object.Content == nil {
		return object, err
	}
	object.Findings = compiled.change(ctx, object, running, document)
	if len(object.Findings) > 0 || len(compiled.read(document).Findings) > 0 {
		return object, nil
	}
	object.Findings, err = compiled.serverSide(ctx, document, old)
	return object, err
}

// change runs what the server runs when an object replaces the running one.
func (v *version) change(ctx context.Context, object, running *Object, document *manifest.Document) []finding.Finding {
	recorder := &finding.Recorder{}
	ctx = request.Context(ctx, object.target("update"), recorder)
	var found []finding.Finding
	if err := rest.BeforeUpdate(v.strategy, ctx, object.Content, running.Content); err != nil {
		found = v.refused(finding.UpdateRefused, err, document)
	}
	return append(found, recorder.Findings(finding.ServerWarning, document.Tree())...)
}

// running makes the object that a cluster would hold for the old manifest, in the version of the new one.
func (v *version) running(ctx context.Context, old *manifest.Document) (*Object, error) {
	object := v.read(old)
	if object.Content == nil {
		return nil, fmt.Errorf("%w: %s", ErrOldObject, object.Findings[len(object.Findings)-1].Message)
	}
	object.Content.SetAPIVersion(v.kind.GroupVersion().String())
	return v.start(ctx, object), nil
}

// object wraps content of this version.
func (v *version) object(content *unstructured.Unstructured) *Object {
	return &Object{
		version: v, Content: content, Namespace: request.Namespace(content, v.namespaced),
		Resource: schema.GroupVersionResource{Group: v.kind.Group, Version: v.kind.Version, Resource: v.resource},
	}
}

// start stores a new object.
func (v *version) start(ctx context.Context, object *Object) *Object {
	request.FillMetadata(object.Content)
	object.Content.SetNamespace(object.Namespace)
	ctx = request.Context(ctx, object.target("create"), &finding.Recorder{})
	v.strategy.PrepareForCreate(ctx, object.Content)
	structuraldefaulting.Default(object.Content.Object, v.structural)
	object.Content.SetResourceVersion("1")
	return object
}

// applied computes the object that an apply of the manifest would send.
func (v *version) applied(document, old *manifest.Document, running *Object) (*Object, error) {
	current, err := json.Marshal(running.Content.Object)
	if err != nil {
		return nil, err
	}
	patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(old.JSON, document.JSON, current)
	if err != nil {
		return nil, fmt.Errorf("compute the patch: %w", err)
	}
	merged, err := jsonpatch.MergePatch(current, patch)
	if err != nil {
		return nil, fmt.Errorf("apply the patch: %w", err)
	}
	applied, err := manifest.FromJSON(merged)
	if err != nil {
		return nil, err
	}
	object := v.read(applied)
	if object.Content != nil {
		object.Findings = nil
	}
	return object, nil
}
