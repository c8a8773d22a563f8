package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

// Stage is a cluster with the namespaces that subjects need.
type Stage struct {
	client *client.Client
	// labels are those of the described namespaces; all others get unknown.
	labels  map[string]map[string]string
	unknown map[string]string
	// made are the namespaces that exist for subjects.
	made map[string]bool
}

// NewStage prepares nothing yet. labels describe namespaces by name; unknown are the labels of any other.
func NewStage(c *client.Client, labels map[string]map[string]string, unknown map[string]string) *Stage {
	return &Stage{client: c, labels: labels, unknown: unknown, made: map[string]bool{}}
}

const definitionKind = "CustomResourceDefinition"

var (
	namespaceKind = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	accountKind   = schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}
	classKind     = schema.GroupVersionKind{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass"}
)

// Leave removes the namespaces that the stage made.
func (s *Stage) Leave(ctx context.Context) error {
	var failures []error
	for name := range s.made {
		if name != metav1.NamespaceDefault {
			at, _, err := s.client.Find(namespaceKind, "", name)
			failures = append(failures, err, s.remove(ctx, at))
		}
	}
	return errors.Join(failures...)
}

// prepare makes the namespace of an object, or clears the way for one that is a namespace itself.
func (s *Stage) prepare(ctx context.Context, at client.Place) error {
	if at.Kind == namespaceKind && s.made[at.Name] {
		delete(s.made, at.Name)
		return s.remove(ctx, at)
	}
	if !at.Namespaced || s.made[at.Namespace] {
		return nil
	}
	labels, described := s.labels[at.Namespace]
	if !described {
		labels = s.unknown
	}
	s.made[at.Namespace] = true
	return errors.Join(
		s.ensure(ctx, namespaceKind, "", map[string]any{"metadata": map[string]any{"name": at.Namespace, "labels": labels}}),
		// A controller would give it this account.
		s.ensure(ctx, accountKind, at.Namespace, map[string]any{"metadata": map[string]any{"name": "default"}}))
}

// ensure makes an object unless it is there.
func (s *Stage) ensure(ctx context.Context, kind schema.GroupVersionKind, namespace string, object map[string]any) error {
	object["apiVersion"], object["kind"] = kind.GroupVersion().String(), kind.Kind
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	at, _, err := s.client.Find(kind, namespace, "")
	if err != nil {
		return err
	}
	_, err = client.Must(ctx, s.client.Create(at, client.JSON, body), metav1.StatusReasonAlreadyExists)
	return err
}

// patch merges a change into an object, or into a part of it.
func (s *Stage) patch(ctx context.Context, at client.Place, change map[string]any, part ...string) (*client.Answer, error) {
	body, err := json.Marshal(change)
	if err != nil {
		return nil, err
	}
	return client.Do(ctx, s.client.On(http.MethodPatch, at, part...).SetHeader("Content-Type", client.MergePatch).Body(body))
}

// Remove takes a kept object out of the cluster.
func (s *Stage) Remove(ctx context.Context, manifest []byte) error {
	at, report, err := s.place(ctx, manifest)
	if err != nil || report.Unsent != "" || report.Unserved {
		return err
	}
	return s.remove(ctx, at)
}

// remove deletes an object and waits until it is gone. Finalizers are taken off, since the controllers that would do it do not run.
func (s *Stage) remove(ctx context.Context, at client.Place) error {
	if at.Name == "" {
		return nil
	}
	if at.Kind.Kind == definitionKind {
		defer s.client.Forget()
	}
	now := []byte(`{"gracePeriodSeconds":0,"propagationPolicy":"Background"}`)
	if _, err := client.Do(ctx, s.client.On(http.MethodDelete, at).SetHeader("Content-Type", client.JSON).Body(now)); err != nil {
		return err
	}
	return wait.PollUntilContextCancel(ctx, 10*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		left, err := client.Do(ctx, s.client.On(http.MethodGet, at))
		if err != nil || !left.Accepted() {
			return err == nil, err
		}
		return false, s.release(ctx, at, left.Object)
	})
}

// release takes the finalizers off an object; definitions are left to the server's own controller.
func (s *Stage) release(ctx context.Context, at client.Place, object map[string]any) (err error) {
	switch at.Kind.Kind {
	case namespaceKind.Kind:
		object["spec"] = map[string]any{"finalizers": []any{}}
		var body []byte
		if body, err = json.Marshal(object); err == nil {
			_, err = client.Do(ctx, s.client.On(http.MethodPut, at, "finalize").SetHeader("Content-Type", client.JSON).Body(body))
		}
	case definitionKind:
	default:
		_, err = s.patch(ctx, at, map[string]any{"metadata": map[string]any{"finalizers": []any{}}})
	}
	return err
}

// accepted turns the refusal of something that has to work into an error.
func accepted(answer *client.Answer, err error) error {
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("the API server refuses what has to be: %s", answer.Message())
	}
	return err
}
