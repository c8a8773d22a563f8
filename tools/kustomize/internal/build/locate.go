package build

import (
	"encoding/json"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// failing is a patch that no object passes.
const failing = `[{"op": "test", "path": "/kind", "value": ""}]`

// locate leads an error of Kustomize to the value that it is about: the patch of an object that it names, or else the
// longest value that it quotes.
func (l *looked) locate(err error) {
	message := err.Error()
	at, length := scalar{file: l.files[0].name}, 0
	for _, each := range l.scalars {
		value := each.node.Value
		text := []byte(value)
		if content, failed := l.fs.ReadFile(path.Join(path.Dir(each.file), value)); failed == nil {
			text = content
		}
		var head yaml.ResourceMeta
		if strings.HasPrefix(each.key, "patch") && yaml.Unmarshal(text, &head) == nil && head.Name != "" &&
			strings.Contains(message, head.Kind+".") && strings.Contains(message, "/"+head.Name+".") {
			at, length = each, len(message)
		}
		if len(value) > length && (strings.Contains(message, "'"+value+"'") || strings.Contains(message, `"`+value+`"`)) {
			at, length = each, len(value)
		}
	}
	if at.node != nil && line.MatchString(message) && l.fs.Exists(path.Join(path.Dir(at.file), at.node.Value)) {
		at = scalar{path.Join(path.Dir(at.file), at.node.Value), "", &yaml.Node{Line: lineOf(err), Column: 1}}
	}
	l.refuse(at, message, "correct it; `kustomize build` says the same")
}

// idle finds patches whose target is no object, which Kustomize passes over in silence: a patch that fails in their
// place does not fail.
func (l *looked) idle(root string) error {
	for _, each := range l.files {
		for _, key := range []string{"patches", "patchesJson6902"} {
			for i, node := range field(each.node, key).Content {
				target := field(node, "target")
				if target.Kind == 0 {
					continue
				}
				fields, err := each.fields()
				if err != nil {
					return err
				}
				patches := fields[key].([]any)
				patches[i] = map[string]any{"target": patches[i].(map[string]any)["target"], "patch": failing}
				content, err := json.Marshal(fields)
				if err != nil {
					return err
				}
				_ = l.fs.WriteFile(each.name, content)
				if _, err := run(l.fs, root); err == nil {
					at := scalar{each.name, "", target}
					l.refuse(at, "no object matches the target of this patch", "correct the target, or remove the patch")
				}
				_ = l.fs.WriteFile(each.name, each.content)
			}
		}
	}
	return nil
}

// field gives the value of a key; an empty node where there is none.
func field(node *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return &yaml.Node{}
}
