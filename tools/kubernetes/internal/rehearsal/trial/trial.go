// Package trial puts one object after the other to a real API server and reports what became of it.
//
// It owns the order of requests and the cleaning up between trials. It must not know what anybody expects.
package trial

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

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

// Try sends one subject: a new object as a dry run of a creation and as an apply, a change as two applies.
func (s *Stage) Try(ctx context.Context, subject Subject) (*Report, error) {
	at, report, err := s.place(ctx, subject.Manifest)
	if err != nil || report.Unsent != "" || report.Unserved {
		return report, err
	}
	if subject.Old != nil {
		err = s.change(ctx, at, subject, report)
	} else {
		err = s.create(ctx, at, subject, report)
	}
	if err != nil || subject.Keep {
		return report, err
	}
	return report, s.remove(ctx, at)
}

func (s *Stage) create(ctx context.Context, at client.Place, subject Subject, report *Report) (err error) {
	kind := client.YAML
	if bytes.HasPrefix(bytes.TrimSpace(subject.Manifest), []byte("{")) {
		kind = client.JSON
	}
	report.Create, err = client.Do(ctx, Strict(s.client.Create(at, kind, subject.Manifest)).Param("dryRun", "All"))
	if err != nil || at.Name == "" {
		return err
	}
	return s.apply(ctx, at, subject.Manifest, report)
}

// change applies the old manifest, lets the object run, and applies the new one.
func (s *Stage) change(ctx context.Context, at client.Place, subject Subject, report *Report) error {
	before, old, err := s.send(ctx, subject.Old)
	if err != nil {
		return fmt.Errorf("apply the old manifest of %s: %w", subject.ID, err)
	}
	if !old.Accepted() {
		report.Old = old
		return nil
	}
	if at.Kind.Kind == definitionKind {
		defer s.client.Forget()
	}
	if err := s.settle(ctx, before, old.Object); err != nil {
		return fmt.Errorf("let the old object of %s run: %w", subject.ID, err)
	}
	if err := s.apply(ctx, at, subject.Manifest, report); err != nil || before == at {
		return err
	}
	return s.remove(ctx, before)
}

func (s *Stage) apply(ctx context.Context, at client.Place, manifest []byte, report *Report) (err error) {
	if report.Apply, err = client.Do(ctx, Apply(s.client, at, manifest)); err != nil || !report.Apply.Accepted() {
		return err
	}
	read, err := client.Must(ctx, s.client.On(http.MethodGet, at))
	if err == nil {
		report.Stored = read.Object
	}
	return err
}

// Strict makes the server refuse unknown and repeated fields, and names who asks.
func Strict(request *rest.Request) *rest.Request {
	return request.Param("fieldValidation", "Strict").Param("fieldManager", "rehearsal")
}

// Apply requests a server-side apply with strict fields.
func Apply(c *client.Client, at client.Place, manifest []byte) *rest.Request {
	return Strict(c.On(http.MethodPatch, at).SetHeader("Content-Type", client.Apply).Body(manifest)).Param("force", "true")
}

// send applies a manifest that can be sent.
func (s *Stage) send(ctx context.Context, manifest []byte) (client.Place, *client.Answer, error) {
	at, report, err := s.place(ctx, manifest)
	if err == nil && (report.Unsent != "" || report.Unserved) {
		err = fmt.Errorf("no request can be made of it: %s", manifest)
	}
	if err != nil {
		return at, nil, err
	}
	answer, err := client.Do(ctx, Apply(s.client, at, manifest))
	return at, answer, err
}

// place finds where a manifest goes and makes its namespace; the report says why it goes nowhere.
func (s *Stage) place(ctx context.Context, manifest []byte) (client.Place, *Report, error) {
	var head struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        struct{ Name, Namespace string }
	}
	if err := yaml.Unmarshal(manifest, &head); err != nil {
		return client.Place{}, &Report{Unsent: err.Error()}, nil
	}
	version, err := schema.ParseGroupVersion(head.APIVersion)
	if err != nil || head.APIVersion == "" || head.Kind == "" {
		return client.Place{}, &Report{Unsent: "it has no apiVersion and kind"}, nil
	}
	namespace := head.Metadata.Namespace
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	at, served, err := s.client.Find(version.WithKind(head.Kind), namespace, head.Metadata.Name)
	if err == nil && served {
		err = s.prepare(ctx, at)
	}
	return at, &Report{Unserved: !served}, err
}
