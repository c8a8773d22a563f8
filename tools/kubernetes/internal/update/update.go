// Package update judges a change as a client applies it: by the patch that `kubectl apply` and Argo CD compute, and by a
// server-side apply.
//
// It owns the order of the steps. It must not know how a kind decodes, merges or validates.
package update

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
)

// ErrOldObject means that the old object cannot have been in a cluster, so that no update can be judged.
var ErrOldObject = errors.New("the old object cannot be read")

// Kind is what the server does with objects of one kind.
type Kind interface {
	// New makes an empty object.
	New(schema.GroupVersionKind) (runtime.Object, error)
	// Read decodes and defaults a manifest; without an object the findings say why it is refused.
	Read(*manifest.Document) (runtime.Object, []finding.Finding)
	// Start stores a new object and lets it run, with the status of a cluster in which it works.
	Start(context.Context, runtime.Object, schema.GroupVersionKind) (runtime.Object, error)
	// Patch merges a manifest into the running object as a client does: what it never said stays as it runs.
	Patch(document, old *manifest.Document, running runtime.Object) ([]byte, error)
	// Change says what the server says of an object that replaces the running one.
	Change(ctx context.Context, object, running runtime.Object, document *manifest.Document) []finding.Finding
	// FieldManager merges server-side applies.
	FieldManager(schema.GroupVersionKind) (*managedfields.FieldManager, error)
	// Alike reports that nothing else can come of a server-side apply.
	Alike(document, old *manifest.Document) bool
}

// Judge runs what the server runs when somebody applies the manifest over the old one. Findings of one way to apply only
// say which.
func Judge(ctx context.Context, kind Kind, document, old *manifest.Document) ([]finding.Finding, error) {
	object, running, found, err := Client(ctx, kind, document, old)
	if err != nil || object == nil {
		return found, err
	}
	found = kind.Change(ctx, object, running, document)
	if kind.Alike(document, old) {
		return found, nil
	}
	object, running, err = Server(ctx, kind, document, old)
	switch {
	case err != nil:
		return finding.Ways(found, finding.FromError(finding.UpdateRefused, err, document.Tree())), nil
	case object == nil:
		return found, nil
	}
	return finding.Ways(found, kind.Change(ctx, object, running, document)), nil
}

// Client gives the object that a client's patch makes, and the running one.
func Client(ctx context.Context, kind Kind, document, old *manifest.Document) (object, running runtime.Object, found []finding.Finding, err error) {
	before, found := kind.Read(old)
	if before == nil {
		return nil, nil, nil, fmt.Errorf("%w: %s", ErrOldObject, found[len(found)-1].Message)
	}
	if running, err = kind.Start(ctx, before, old.GVK); err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrOldObject, err)
	}
	merged, err := kind.Patch(document, old, running)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("compute the patch: %w", err)
	}
	applied, err := manifest.FromJSON(merged)
	if err != nil {
		return nil, nil, nil, err
	}
	object, found = kind.Read(applied)
	for i := range found {
		found[i].Rule = finding.UpdateRefused
	}
	return object, running, found, nil
}

// Server gives the object that a server-side apply makes, and the running one: what the server itself filled in belongs to
// nobody and stays. There is none where the old manifest could never be applied so: it has been brought in by other means.
func Server(ctx context.Context, kind Kind, document, old *manifest.Document) (object, running runtime.Object, err error) {
	before, err := Apply(kind, nil, old)
	if err != nil {
		return nil, nil, nil
	}
	if running, err = kind.Start(ctx, before, old.GVK); err != nil {
		return nil, nil, nil
	}
	object, err = Apply(kind, running.DeepCopyObject(), document)
	return object, running, err
}

// Apply is a server-side apply of a manifest on an object, or on none, by the client that applied every manifest before.
func Apply(kind Kind, live runtime.Object, document *manifest.Document) (runtime.Object, error) {
	fields, err := kind.FieldManager(document.GVK)
	if err != nil {
		return nil, err
	}
	if live == nil {
		if live, err = kind.New(document.GVK); err != nil {
			return nil, err
		}
	}
	applied := &unstructured.Unstructured{Object: document.Copy()}
	if custom, ok := live.(*unstructured.Unstructured); ok {
		applied.SetAPIVersion(custom.GetAPIVersion())
	}
	return fields.Apply(live, applied, "aurora", true)
}
