package builtin

import (
	"context"
	encodingjson "encoding/json"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apiserver/pkg/registry/rest"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
)

// ErrOldObject means that the old object cannot have been in a cluster, so that no update can be judged.
var ErrOldObject = errors.New("the old object cannot be read")

// Update runs what the server runs when somebody applies the manifest over the old one.
//
// The running object is the old manifest as stored, with the status of a cluster in which it works. The change
// is the three-way patch that `kubectl apply` and Argo CD compute, where what a manifest never said stays as it runs; then,
// unless that is refused, the merge of a server-side apply.
func (k *Kind) Update(ctx context.Context, document, old *manifest.Document) (*Object, error) {
	running, err := k.running(ctx, old)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOldObject, err)
	}
	object, err := k.applied(document, old, running)
	if err != nil {
		return nil, err
	}
	if object.Internal == nil {
		return object, nil
	}
	object.Findings = k.change(ctx, object, running, document)
	if len(object.Findings) > 0 {
		return object, nil
	}
	object.Findings, err = k.serverSide(ctx, document, old)
	return object, err
}

// change runs what the server runs when an object replaces the running one.
func (k *Kind) change(ctx context.Context, object *Object, running runtime.Object, document *manifest.Document) []finding.Finding {
	recorder := &finding.Recorder{}
	object.Namespace = request.Accessor(running).GetNamespace()
	ctx = request.Context(ctx, k.target(object, "update", request.Accessor(running).GetName()), recorder)
	var found []finding.Finding
	if err := k.update(ctx, object, running); err != nil {
		found = refused(finding.UpdateRefused, err, document)
	}
	return append(found, recorder.Findings(finding.ServerWarning, document.Tree())...)
}

// running makes the object that a cluster would hold for the old manifest.
func (k *Kind) running(ctx context.Context, old *manifest.Document) (runtime.Object, error) {
	object, usable := k.Decode(old)
	if !usable {
		return nil, errors.New(object.Findings[len(object.Findings)-1].Message)
	}
	return k.start(ctx, object)
}

// start stores a new object and lets it run.
func (k *Kind) start(ctx context.Context, object *Object) (runtime.Object, error) {
	access := request.Accessor(object.Internal)
	object.Namespace = request.Namespace(access, k.Strategy.NamespaceScoped())
	request.FillMetadata(access)
	access.SetNamespace(object.Namespace)
	ctx = request.Context(ctx, k.target(object, "create", access.GetName()), &finding.Recorder{})
	if err := k.admit(ctx, object, nil); err != nil {
		return nil, err
	}
	if k.Begin != nil {
		if _, err := k.Begin(object.Internal).BeginCreate(ctx, object.Internal, &metav1.CreateOptions{}); err != nil {
			return nil, err
		}
	}
	k.Strategy.PrepareForCreate(ctx, object.Internal)
	k.Strategy.Canonicalize(object.Internal)
	access.SetResourceVersion("1")
	run(object.Internal)
	return object.Internal, nil
}

// applied computes the object that an apply of the manifest would send.
func (k *Kind) applied(document, old *manifest.Document, running runtime.Object) (*Object, error) {
	current, err := k.Versioned(running, document.GVK)
	if err != nil {
		return nil, err
	}
	currentJSON, err := encodingjson.Marshal(current)
	if err != nil {
		return nil, err
	}
	merged, err := merge(old.JSON, document.JSON, currentJSON, current)
	if err != nil {
		return nil, fmt.Errorf("compute the patch: %w", err)
	}
	applied, err := manifest.FromJSON(merged)
	if err != nil {
		return nil, err
	}
	object, usable := k.Decode(applied)
	if !usable {
		object.Internal = nil
		for i := range object.Findings {
			object.Findings[i].Rule = finding.UpdateRefused
		}
		return object, nil
	}
	object.Findings = nil
	return object, nil
}

// merge is the three-way strategic merge of a client-side apply.
func merge(original, modified, current []byte, example runtime.Object) ([]byte, error) {
	meta, err := strategicpatch.NewPatchMetaFromStruct(example)
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(original, modified, current, meta, true)
	if err != nil {
		return nil, err
	}
	return strategicpatch.StrategicMergePatchUsingLookupPatchMeta(current, patch, meta)
}

func (k *Kind) update(ctx context.Context, object *Object, running runtime.Object) error {
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
