package custom

import (
	"context"
	"encoding/json"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
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
// three-way JSON merge that `kubectl apply` and Argo CD compute for custom kinds.
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
	recorder := &finding.Recorder{}
	ctx = request.Context(ctx, object.target("update"), recorder)
	if err := rest.BeforeUpdate(compiled.strategy, ctx, object.Content, running.Content); err != nil {
		object.Findings = append(object.Findings, compiled.refused(finding.UpdateRefused, err, document)...)
	}
	object.Findings = append(object.Findings, recorder.Findings(finding.ServerWarning, document.Tree())...)
	return object, nil
}

// running makes the object that a cluster would hold for the old manifest, in the version of the new one.
func (v *version) running(ctx context.Context, old *manifest.Document) (*Object, error) {
	object := v.read(old)
	if object.Content == nil {
		return nil, fmt.Errorf("%w: %s", ErrOldObject, object.Findings[len(object.Findings)-1].Message)
	}
	object.Content.SetAPIVersion(v.kind.GroupVersion().String())
	request.FillMetadata(object.Content)
	object.Content.SetNamespace(object.Namespace)
	ctx = request.Context(ctx, object.target("create"), &finding.Recorder{})
	v.strategy.PrepareForCreate(ctx, object.Content)
	object.Content.SetResourceVersion("1")
	return object, nil
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
