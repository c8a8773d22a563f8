package verdict

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"aurora.example/tools/kubernetes/internal/builtin"
	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/shape"
	"aurora.example/tools/kubernetes/internal/stored"
	"aurora.example/tools/protocol"
)

// compare says whether two manifests mean the same to the server, and judges the change where that is wanted.
func (s *Session) compare(ctx context.Context, body json.RawMessage) (any, error) {
	var c Compare
	if err := protocol.Decode(body, &c); err != nil {
		return nil, err
	}
	if err := c.judgeable(); err != nil {
		return nil, err
	}
	known := s.current.Load()
	before, err := known.side(ctx, c.Before)
	if err != nil {
		return nil, err
	}
	after, err := known.side(ctx, c.After)
	if err != nil {
		return nil, err
	}
	result := &Comparison{Differences: []Difference{}, Accepted: Accepted{before.accepted(), after.accepted()}}
	if len(c.Want) > 0 {
		t := &task{known: known, document: after.document, old: before.document, created: after.created}
		for _, part := range c.Want {
			t.part(ctx, part)
		}
		result.Verdict = t.verdict()
	}
	for _, side := range []*side{before, after} {
		if why := side.unstorable(); why != "" && len(c.Want) == 0 {
			return nil, &protocol.Problem{Reason: ReasonUnstorable, Message: why}
		} else if why != "" {
			result.Unstorable = why
			return result, nil
		}
	}
	former, err := known.lookedAt(before, after.document)
	if err != nil {
		return nil, err
	}
	for _, d := range stored.Differences(former, after.tree(), known.shape(after.document)) {
		result.Differences = append(result.Differences, Difference(d))
	}
	result.Same = len(result.Differences) == 0
	return result, nil
}

// judgeable refuses parts that say nothing of a change.
func (c *Compare) judgeable() error {
	for _, part := range c.Want {
		if !slices.Contains([]Part{Create, Update}, part) {
			return &protocol.Problem{Reason: protocol.ReasonMalformed, Message: fmt.Sprintf("part `%s` in `want`: a comparison judges `create` and `update`", part)}
		}
	}
	return nil
}

// side is one manifest of a comparison after the create path.
type side struct {
	document *manifest.Document
	created  *created
}

func (s *state) side(ctx context.Context, source Source) (*side, error) {
	document, err := source.document()
	if err != nil {
		return nil, err
	}
	c, err := s.create(ctx, document)
	if err != nil {
		return nil, err
	}
	return &side{document, c}, nil
}

func (s *side) accepted() bool { return s.created.usable && !finding.Refused(s.created.findings) }

// unstorable says why the server cannot store the manifest: then it has no form to compare.
func (s *side) unstorable() string {
	if s.created.usable {
		return ""
	}
	return identify(s.document) + " cannot be stored: " + s.created.findings[len(s.created.findings)-1].Message
}

func (s *side) tree() map[string]any {
	tree, _ := stored.Clean(s.created.stored(), s.document.Tree())
	return tree
}

// lookedAt is what would be stored of one side, in the version of the other one: the server stores one version of a kind
// and converts it, so that the version itself is all that the manifests differ in. Only built-in kinds can be converted.
func (s *state) lookedAt(one *side, other *manifest.Document) (map[string]any, error) {
	kind, known := s.table.Find(other.GVK.GroupKind())
	internal := one.created.subject.Object
	if !known || internal == nil || one.document.GVK.GroupKind() != other.GVK.GroupKind() || one.document.GVK == other.GVK {
		return one.tree(), nil
	}
	versioned, err := kind.Versioned(internal, other.GVK)
	if err != nil {
		return nil, &protocol.Problem{Reason: ReasonUnstorable, Message: err.Error()}
	}
	content, err := builtin.Tree(versioned)
	if err != nil {
		return nil, err
	}
	tree, _ := stored.Clean(content, one.document.Tree())
	tree["apiVersion"] = one.document.GVK.GroupVersion().String()
	return tree, nil
}

// shape says what is known of the fields of an object's kind.
func (s *state) shape(document *manifest.Document) shape.Shape {
	if _, known := s.table.Find(document.GVK.GroupKind()); known {
		return shape.Builtin(document.GVK)
	}
	return s.definitions.Shape(document.GVK)
}

func identify(document *manifest.Document) string {
	return document.GVK.Kind + "/" + document.Name
}
