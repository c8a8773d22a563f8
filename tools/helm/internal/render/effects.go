package render

import (
	"context"
	"encoding/json"
	"maps"

	"aurora.example/tools/protocol"
)

// effects says of given values whether the output is another one without them.
func (s *Session) effects(ctx context.Context, body json.RawMessage) (any, error) {
	var wanted struct {
		order
		Leaves [][]string `json:"leaves"`
	}
	if err := protocol.Decode(body, &wanted); err != nil {
		return nil, err
	}
	with, err := s.output(ctx, wanted.order, nil)
	if err != nil {
		return nil, err
	}
	effects := make([]bool, len(wanted.Leaves))
	for i, leaf := range wanted.Leaves {
		// A chart that cannot be rendered without a value needs it.
		changed, err := s.output(ctx, wanted.order, leaf)
		effects[i] = err != nil || !maps.Equal(with, changed)
	}
	return map[string]any{"effects": effects}, nil
}

// output renders a chart without one of the values.
func (s *Session) output(ctx context.Context, wanted order, leaf []string) (map[string]string, error) {
	loaded, err := load(wanted.Archive)
	if err != nil {
		return nil, err
	}
	if wanted.Values, err = copied(wanted.Values); err != nil {
		return nil, err
	}
	if len(leaf) > 0 {
		wanted.Values = without(wanted.Values, leaf)
	}
	files, err := s.files(ctx, loaded, wanted)
	for _, definition := range loaded.CRDObjects() {
		if files != nil {
			files[definition.Filename] = string(definition.File.Data)
		}
	}
	return files, err
}

// without copies values, as far as needed, and removes the one that the keys lead to.
func without(values map[string]any, keys []string) map[string]any {
	left := maps.Clone(values)
	if below, is := left[keys[0]].(map[string]any); is && len(keys) > 1 {
		left[keys[0]] = without(below, keys[1:])
		return left
	}
	delete(left, keys[0])
	return left
}

// copied gives values of their own to a render, which changes them.
func copied(values map[string]any) (map[string]any, error) {
	text, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	var copied map[string]any
	return copied, json.Unmarshal(text, &copied)
}
