// Package trial puts one object after the other to a real API server and reports what became of it.
//
// It owns the order of requests and the cleaning up between trials. It must not know what anybody expects.
package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

// manager is the field manager of every apply.
const manager = "rehearsal"

// Subject is one object to try.
type Subject struct {
	// ID is the suite and the name of the case, or the path of a manifest.
	ID string
	// Manifest is JSON, or the text of one document.
	Manifest []byte
	// Old is the manifest that runs before; nil for a new object.
	Old []byte
	// Keep leaves the object in the cluster.
	Keep bool
}

// Report is what the server did with a subject.
type Report struct {
	// Unsent says why no request could be made of the manifest.
	Unsent string
	// Unserved is true when the server has no such kind or version.
	Unserved bool
	// Old is the refusal of the old manifest, if it was refused.
	Old *client.Answer
	// Create is the answer to a dry run of a plain creation; nil for updates.
	Create *client.Answer
	// Apply is the answer to a server-side apply; nil when the object has no name to apply to.
	Apply *client.Answer
	// Stored is the object as read back after the apply.
	Stored map[string]any
}

// Accepted reports whether the server took the object.
func (r *Report) Accepted() bool {
	if r.Apply == nil {
		return r.Create.Accepted()
	}
	return r.Apply.Accepted()
}

// place is where a manifest belongs.
type place struct {
	gvk             schema.GroupVersionKind
	resource        client.Resource
	namespace, name string
}

// head is what a client has to read of a manifest before it can send it.
type head struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
}

// Try sends one subject: a new object as a dry run of a creation and as an apply, a change as two applies.
func (s *Stage) Try(ctx context.Context, subject Subject) (*Report, error) {
	where, report, err := s.place(ctx, subject.Manifest)
	if err != nil || report != nil {
		return report, err
	}
	if err := s.prepare(ctx, where); err != nil {
		return nil, err
	}
	report = &Report{}
	if subject.Old != nil {
		err = s.change(ctx, where, subject, report)
	} else {
		err = s.create(ctx, where, subject, report)
	}
	if err != nil || subject.Keep {
		return report, err
	}
	return report, s.remove(ctx, where)
}

func (s *Stage) create(ctx context.Context, where place, subject Subject, report *Report) (err error) {
	strict := url.Values{"fieldValidation": {"Strict"}, "dryRun": {"All"}, "fieldManager": {manager}}
	report.Create, err = s.client.Do(ctx, client.Request{
		Method: http.MethodPost, Path: where.resource.Collection(where.namespace), Query: strict,
		Type: contentType(subject.Manifest), Body: subject.Manifest,
	})
	if err != nil || where.name == "" {
		return err
	}
	return s.apply(ctx, where, subject.Manifest, report)
}

// change applies the old manifest, lets the object run, and applies the new one.
func (s *Stage) change(ctx context.Context, where place, subject Subject, report *Report) error {
	before, refused, err := s.place(ctx, subject.Old)
	if err != nil || refused != nil {
		return fmt.Errorf("the old manifest of %s cannot be applied: %w", subject.ID, err)
	}
	if err := s.prepare(ctx, before); err != nil {
		return err
	}
	old, err := s.send(ctx, before, subject.Old)
	if err != nil {
		return err
	}
	if !old.Accepted() {
		report.Old = old
		return nil
	}
	if err := s.settle(ctx, before, old.Object); err != nil {
		return fmt.Errorf("let the old object of %s run: %w", subject.ID, err)
	}
	if err := s.apply(ctx, where, subject.Manifest, report); err != nil || before == where {
		return err
	}
	return s.remove(ctx, before)
}

func (s *Stage) apply(ctx context.Context, where place, manifest []byte, report *Report) (err error) {
	if report.Apply, err = s.send(ctx, where, manifest); err != nil || !report.Apply.Accepted() {
		return err
	}
	read, err := s.client.Must(ctx, client.Request{Method: http.MethodGet, Path: where.resource.Object(where.namespace, where.name)})
	if err != nil {
		return err
	}
	report.Stored = read.Object
	return nil
}

// send applies a manifest on the server, with strict fields.
func (s *Stage) send(ctx context.Context, where place, manifest []byte) (*client.Answer, error) {
	return s.client.Do(ctx, client.Request{
		Method: http.MethodPatch, Path: where.resource.Object(where.namespace, where.name), Type: client.Apply, Body: manifest,
		Query: url.Values{"fieldValidation": {"Strict"}, "fieldManager": {manager}, "force": {"true"}},
	})
}

// place reads where a manifest goes; the report says why it goes nowhere.
func (s *Stage) place(ctx context.Context, manifest []byte) (place, *Report, error) {
	where, why := address(manifest)
	if why != "" {
		return where, &Report{Unsent: why}, nil
	}
	resource, served, err := s.client.Find(where.gvk)
	if err != nil {
		return where, nil, err
	}
	if !served {
		return where, &Report{Unserved: true}, nil
	}
	where.resource = resource
	if !resource.Namespaced {
		where.namespace = ""
	}
	return where, nil, nil
}

func address(manifest []byte) (where place, why string) {
	data, err := yaml.YAMLToJSON(manifest)
	if err != nil {
		return where, err.Error()
	}
	var h head
	if err := json.Unmarshal(data, &h); err != nil {
		return where, err.Error()
	}
	version, err := schema.ParseGroupVersion(h.APIVersion)
	if err != nil || h.APIVersion == "" || h.Kind == "" {
		return where, "it has no apiVersion and kind"
	}
	where = place{gvk: version.WithKind(h.Kind), namespace: h.Metadata.Namespace, name: h.Metadata.Name}
	if where.namespace == "" {
		where.namespace = metav1.NamespaceDefault
	}
	return where, ""
}

func contentType(manifest []byte) string {
	if bytes.HasPrefix(bytes.TrimSpace(manifest), []byte("{")) {
		return client.JSON
	}
	return client.YAML
}
