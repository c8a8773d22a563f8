package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

// document is one entry of the body of `configure` as JSON, with its identity.
type document struct {
	data     []byte
	identity Identity
}

// gvk gives the kind of the document.
func (d document) gvk() schema.GroupVersionKind {
	return schema.FromAPIVersionAndKind(d.identity.APIVersion, d.identity.Kind)
}

// read takes an object, or a string that holds one YAML document.
func read(raw json.RawMessage) (document, *Refusal) {
	data := bytes.TrimSpace(raw)
	if len(data) > 0 && data[0] == '"' {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return document{}, refuse(Unreadable, "%v", err)
		}
		converted, err := fromYAML(text)
		if err != nil {
			return document{}, refuse(Unreadable, "%v", err)
		}
		data = converted
	}
	return identified(data)
}

// identified reads what names an object, and refuses what is none.
func identified(data []byte) (document, *Refusal) {
	var loose map[string]any
	if err := json.Unmarshal(data, &loose); err != nil {
		return document{}, refuse(Unreadable, "the entry is no object: %v", err)
	}
	result := document{data: data}
	metadata, _ := loose["metadata"].(map[string]any)
	result.identity = Identity{
		APIVersion: text(loose["apiVersion"]), Kind: text(loose["kind"]),
		Namespace: text(metadata["namespace"]), Name: text(metadata["name"]),
	}
	switch {
	case result.identity.APIVersion == "" || result.identity.Kind == "":
		return result, refuse(Unreadable, "`apiVersion` and `kind` must be non-empty strings")
	case loose["items"] != nil && strings.HasSuffix(result.identity.Kind, "List"):
		return result, refuse(Unreadable, "`%s` holds several objects; hand them over one by one", result.identity.Kind)
	case result.identity.Name == "":
		return result, refuse(Unreadable, "`metadata.name` must be a non-empty string")
	}
	return result, nil
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// fromYAML converts exactly one document; a second one or a duplicate key is an error.
func fromYAML(text string) ([]byte, error) {
	decoder := yamlv3.NewDecoder(strings.NewReader(text))
	for count := 0; ; count++ {
		var node yamlv3.Node
		err := decoder.Decode(&node)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if count > 0 {
			return nil, fmt.Errorf("a second document begins at line %d; hand over one document each", node.Line)
		}
		// Decoding finds duplicate keys; the values are read below, as Kubernetes reads them.
		if err := node.Decode(new(any)); err != nil {
			return nil, err
		}
	}
	return yaml.YAMLToJSON([]byte(text))
}
