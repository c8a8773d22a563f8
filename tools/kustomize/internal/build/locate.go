package build

import (
	"cmp"
	"encoding/json"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/yaml"
	k8syaml "sigs.k8s.io/yaml"
)

// failing is a patch that no object passes.
const failing = `[{"op": "test", "path": "/kind", "value": ""}]`

// locate leads an error of Kustomize to the value that it is about: the patch of an object that it names, or else the
// longest value that it quotes.
func (l *looked) locate(err error) {
	message := strings.Join(strings.Fields(err.Error()), " ")
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
		if len(value) > length && (strings.Contains(message, "'"+value+"'") || strings.Contains(message, `"`+value+`"`) ||
			strings.Contains(message, "."+value+" of type")) {
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
func (l *looked) idle(root string, built resmap.ResMap) error {
	for _, each := range l.files {
		for _, key := range []string{"patches", "patchesJson6902"} {
			for i, node := range field(each.node, key).Content {
				target := field(node, "target")
				var selector types.Selector
				if target.Kind == 0 || target.Decode(&selector) != nil {
					continue
				}
				if hit, err := built.Select(selector); err != nil || len(hit) > 0 {
					continue // without a build for each patch
				}
				err := l.edit(each, func(fields map[string]any) {
					patches := fields[key].([]any)
					patches[i] = map[string]any{"target": patches[i].(map[string]any)["target"], "patch": failing}
				})
				if err != nil {
					return err
				}
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

// origins builds again with Kustomize's notes of where each object comes from; nothing where it cannot.
func (l *looked) origins(root string) (found []string) {
	top := l.files[0]
	defer func() { _ = l.fs.WriteFile(top.name, top.content) }()
	if l.edit(top, func(fields map[string]any) { fields["buildMetadata"] = []string{types.OriginAnnotations} }) != nil {
		return nil
	}
	built, err := run(l.fs, root)
	if err != nil {
		return nil
	}
	for _, each := range built.Resources() {
		origin, err := each.GetOrigin()
		if err != nil || origin == nil {
			return nil
		}
		found = append(found, path.Join(root[1:], cmp.Or(origin.ConfiguredIn, origin.Path)))
	}
	return found
}

// edit writes a kustomization file anew, as Kustomize reads it and with a change.
func (l *looked) edit(f file, change func(fields map[string]any)) error {
	var fields map[string]any
	if err := k8syaml.Unmarshal(f.content, &fields); err != nil {
		return err
	}
	change(fields)
	content, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return l.fs.WriteFile(f.name, content)
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
