package verdict

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"

	"aurora.example/tools/kubernetes/internal/admission"
	"aurora.example/tools/kubernetes/internal/builtin"
	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/stored"
)

// created is an object after the create path, whatever its kind.
type created struct {
	// usable is false when the server refuses the object before it looks at its fields.
	usable bool
	// versioned is what would be stored, in the version of the manifest; nil for custom kinds.
	versioned runtime.Object
	// decoded is the manifest in the type that Argo CD reads it with; nil for kinds that it reads as JSON.
	decoded runtime.Object
	// content is what would be stored, as nested maps; for built-in kinds it is made on demand.
	content map[string]any
	// emitted makes what Argo CD would compare with the stored object.
	emitted  func() (map[string]any, error)
	findings []finding.Finding
	subject  admission.Subject
	// gaps are answers of the cluster that were assumed.
	gaps []string
}

// stored returns what the server would store.
func (c *created) stored() map[string]any {
	if c.content == nil && c.versioned != nil {
		tree, err := builtin.Tree(c.versioned)
		if err != nil {
			panic(err)
		}
		c.content = tree
	}
	return c.content
}

// asSent reports whether every field that the manifest sets is stored with the value that it sets.
func (c *created) asSent() bool {
	if c.decoded == nil {
		return false
	}
	return stored.Keeps(c.decoded, c.versioned)
}

// create runs the create path of the object's kind.
func (s *state) create(ctx context.Context, document *manifest.Document) (*created, error) {
	kind, ok := s.table.Find(document.GVK.GroupKind())
	switch {
	case ok && kind.Unstored != "":
		return &created{findings: []finding.Finding{{
			Rule: finding.NotStored, Severity: finding.Error, Pointer: "/kind", Field: "kind",
			Message: fmt.Sprintf("%s: %s", document.GVK.Kind, kind.Unstored),
		}}}, nil
	case ok && kind.Serves(document.GVK.Version):
		return s.createBuiltin(ctx, kind, document), nil
	case s.table.OwnsGroup(document.GVK.Group):
		return &created{findings: []finding.Finding{s.table.Unserved(document.GVK, Linked)}}, nil
	}
	return s.createCustom(ctx, document)
}

func (s *state) createBuiltin(ctx context.Context, kind *builtin.Kind, document *manifest.Document) *created {
	object, usable := kind.Decode(document)
	c := &created{}
	if usable {
		kind.Create(ctx, object, document)
		c.findings, c.gaps = builtin.Deprecated(object.Defaulted, Linked), object.Gaps
		var err error
		if c.versioned, err = kind.Versioned(object.Internal, object.GVK); err != nil {
			object.Findings = append(object.Findings, finding.FromError(finding.CreateRefused, err, nil)...)
		}
		c.usable = err == nil
		c.emitted = func() (map[string]any, error) { return document.Tree(), nil }
		if kind.Scheme == builtin.ArgoKnows {
			c.decoded = object.Decoded
			c.emitted = func() (map[string]any, error) { return builtin.Tree(object.Decoded) }
		}
		c.subject = admission.Subject{
			Object: object.Internal, Kind: document.GVK, Resource: kind.GVR(document.GVK.Version),
			Namespace: object.Namespace, Name: document.Name, Scheme: kind.Scheme,
		}
	}
	c.findings = append(c.findings, document.Duplicates...)
	c.findings = append(c.findings, object.Findings...)
	c.findings = append(c.findings, levels(document)...)
	return c
}

func (s *state) createCustom(ctx context.Context, document *manifest.Document) (*created, error) {
	object, err := s.definitions.Create(ctx, document)
	if err != nil {
		return nil, problem(err, document.GVK)
	}
	c := &created{findings: append(document.Duplicates[:len(document.Duplicates):len(document.Duplicates)], object.Findings...)}
	if object.Content == nil {
		return c, nil
	}
	c.usable, c.content = true, object.Content.Object
	c.emitted = func() (map[string]any, error) { return document.Tree(), nil }
	c.subject = admission.Subject{
		Object: object.Content, Kind: document.GVK, Resource: object.Resource,
		Namespace: object.Namespace, Name: document.Name, Scheme: builtin.ArgoKnows,
	}
	return c, nil
}
