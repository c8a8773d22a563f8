// Package manifest turns what a client sends into one document with its identity.
//
// It knows JSON and YAML and nothing about kinds.
package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/finding"
)

// Document is one object as the client sent it.
type Document struct {
	// JSON is the object in JSON, duplicate keys included when the client sent JSON.
	JSON []byte
	// GVK is what the object claims to be.
	GVK schema.GroupVersionKind
	// Name, GenerateName and Namespace are those of its metadata.
	Name, GenerateName, Namespace string
	// Duplicates are findings about keys that YAML text has twice.
	Duplicates []finding.Finding

	once sync.Once
	tree map[string]any
}

type head struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name         string `json:"name"`
		GenerateName string `json:"generateName"`
		Namespace    string `json:"namespace"`
	} `json:"metadata"`
}

// FromJSON reads an object that the client sent as JSON.
func FromJSON(data []byte) (*Document, error) {
	return read(&Document{JSON: data})
}

// FromText reads one document of JSON or YAML text, noting duplicate keys.
func FromText(text string) (*Document, error) {
	data := []byte(text)
	if trimmed := bytes.TrimSpace(data); bytes.HasPrefix(trimmed, []byte("{")) && kjson.UnmarshalCaseSensitivePreserveInts(trimmed, &map[string]any{}) == nil {
		return FromJSON(trimmed)
	}
	if err := single(data); err != nil {
		return nil, err
	}
	converted, err := yaml.YAMLToJSON(data)
	if err != nil {
		return nil, fmt.Errorf("read YAML: %w", err)
	}
	document := &Document{JSON: converted}
	if _, err := yaml.YAMLToJSONStrict(data); err != nil {
		document.Duplicates = duplicates(err)
	}
	return read(document)
}

// separator starts a new YAML document.
var separator = regexp.MustCompile(`(?m)^---(?:\s|$)`)

// single refuses text that holds several documents: the YAML reader would silently take the first.
func single(data []byte) error {
	count := 0
	for _, part := range separator.Split(string(data), -1) {
		if !blank(part) {
			count++
		}
	}
	if count > 1 {
		return fmt.Errorf("the text holds %d documents; send each as a request of its own", count)
	}
	return nil
}

// blank reports whether YAML text holds nothing but comments and space.
func blank(text string) bool {
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

// duplicateKey is how the YAML reader names a key that it met before.
var duplicateKey = regexp.MustCompile(`line (\d+): key "([^"]*)" already set in map`)

func duplicates(err error) []finding.Finding {
	var found []finding.Finding
	for _, match := range duplicateKey.FindAllStringSubmatch(err.Error(), -1) {
		line, err := strconv.Atoi(match[1])
		if err != nil {
			continue
		}
		found = append(found, finding.Finding{
			TextLine: line, Rule: finding.DuplicateField, Severity: finding.Error, Type: "FieldValueDuplicate", Field: match[2],
			Message: fmt.Sprintf("duplicate field %q (line %d of the text)", match[2], line),
		})
	}
	if found == nil {
		found = []finding.Finding{{Rule: finding.DuplicateField, Severity: finding.Error, Message: err.Error()}}
	}
	return found
}

// errNoObject is the answer to a document that is a list, a scalar or nothing.
var errNoObject = errors.New("the document is not a JSON object")

func read(document *Document) (*Document, error) {
	if trimmed := bytes.TrimSpace(document.JSON); !bytes.HasPrefix(trimmed, []byte("{")) {
		return nil, errNoObject
	}
	var h head
	if err := kjson.UnmarshalCaseSensitivePreserveInts(document.JSON, &h); err != nil {
		return nil, fmt.Errorf("read apiVersion, kind and metadata: %w", err)
	}
	if h.APIVersion == "" || h.Kind == "" {
		return nil, errors.New("`apiVersion` and `kind` must be set")
	}
	gv, err := schema.ParseGroupVersion(h.APIVersion)
	if err != nil {
		return nil, fmt.Errorf("apiVersion: %w", err)
	}
	document.GVK = gv.WithKind(h.Kind)
	document.Name, document.GenerateName, document.Namespace = h.Metadata.Name, h.Metadata.GenerateName, h.Metadata.Namespace
	return document, nil
}

// Tree returns the object as nested maps and lists, integers kept. It is shared: callers must not change it.
func (d *Document) Tree() map[string]any {
	d.once.Do(func() { d.tree = d.Copy() })
	return d.tree
}

// Copy returns a tree that the caller owns.
func (d *Document) Copy() map[string]any {
	tree := map[string]any{}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(d.JSON, &tree); err != nil {
		return map[string]any{}
	}
	return tree
}
