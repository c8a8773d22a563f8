package verdict

import (
	"context"
	"encoding/json"

	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/stored"
	"aurora.example/tools/protocol"
)

// compare says whether two manifests mean the same to the server.
func (s *Session) compare(ctx context.Context, body json.RawMessage) (any, error) {
	var c Compare
	if err := protocol.Decode(body, &c); err != nil {
		return nil, err
	}
	known := s.current.Load()
	before, acceptedBefore, err := known.stored(ctx, c.Before)
	if err != nil {
		return nil, err
	}
	after, acceptedAfter, err := known.stored(ctx, c.After)
	if err != nil {
		return nil, err
	}
	result := &Comparison{Differences: []Difference{}, Accepted: Accepted{acceptedBefore, acceptedAfter}}
	for _, d := range stored.Differences(before, after) {
		result.Differences = append(result.Differences, Difference(d))
	}
	result.Same = len(result.Differences) == 0
	return result, nil
}

// stored returns the stored form of a manifest; one that the server cannot store has no form to compare.
func (s *state) stored(ctx context.Context, source Source) (tree map[string]any, accepted bool, err error) {
	document, err := source.document()
	if err != nil {
		return nil, false, err
	}
	c, err := s.create(ctx, document)
	if err != nil {
		return nil, false, err
	}
	if !c.usable {
		return nil, false, &protocol.Problem{Reason: ReasonUnstorable, Message: identify(document) + " cannot be stored: " + c.findings[len(c.findings)-1].Message}
	}
	tree, _ = stored.Clean(c.stored(), document.Tree())
	return tree, refusals(c.findings) == 0, nil
}

func identify(document *manifest.Document) string {
	return document.GVK.Kind + "/" + document.Name
}
