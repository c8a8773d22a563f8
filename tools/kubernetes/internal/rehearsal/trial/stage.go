package trial

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

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

// kind names of the core group that a stage makes itself.
var (
	namespaceKind = schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}
	accountKind   = schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}
)

// Leave removes the namespaces that the stage made.
func (s *Stage) Leave(ctx context.Context) error {
	var failures []error
	for name := range s.made {
		if name != "default" {
			failures = append(failures, s.removeNamed(ctx, namespaceKind, name))
		}
	}
	return errors.Join(failures...)
}

// prepare makes the namespace of a subject, or clears the way for one that is a namespace itself.
func (s *Stage) prepare(ctx context.Context, where place) error {
	if where.gvk == namespaceKind {
		if s.made[where.name] {
			delete(s.made, where.name)
			return s.removeNamed(ctx, namespaceKind, where.name)
		}
		return nil
	}
	if where.resource.Namespaced {
		return s.Namespace(ctx, where.namespace)
	}
	return nil
}

// Namespace makes a namespace and the account that a controller would give it, unless they are there.
func (s *Stage) Namespace(ctx context.Context, name string) error {
	if s.made[name] {
		return nil
	}
	labels, described := s.labels[name]
	if !described {
		labels = s.unknown
	}
	metadata := map[string]any{"name": name}
	if len(labels) > 0 {
		metadata["labels"] = labels
	}
	if err := s.ensure(ctx, namespaceKind, "", metadata); err != nil {
		return err
	}
	s.made[name] = true
	return s.ensure(ctx, accountKind, name, map[string]any{"name": "default"})
}

func (s *Stage) ensure(ctx context.Context, gvk schema.GroupVersionKind, namespace string, metadata map[string]any) error {
	body, err := json.Marshal(map[string]any{"apiVersion": gvk.GroupVersion().String(), "kind": gvk.Kind, "metadata": metadata})
	if err != nil {
		return err
	}
	resource, _, err := s.client.Find(gvk)
	if err != nil {
		return err
	}
	request := client.Request{Method: http.MethodPost, Path: resource.Collection(namespace), Type: client.JSON, Body: body}
	_, err = s.client.Must(ctx, request, http.StatusConflict)
	return err
}

func (s *Stage) removeNamed(ctx context.Context, gvk schema.GroupVersionKind, name string) error {
	resource, _, err := s.client.Find(gvk)
	if err != nil {
		return err
	}
	return s.remove(ctx, place{gvk: gvk, resource: resource, name: name})
}

// Remove takes a kept object out of the cluster.
func (s *Stage) Remove(ctx context.Context, manifest []byte) error {
	where, report, err := s.place(ctx, manifest)
	if err != nil || report != nil {
		return err
	}
	return s.remove(ctx, where)
}

// remove deletes an object and waits until it is gone. Finalizers are taken off, since the controllers that would do it do not run.
func (s *Stage) remove(ctx context.Context, where place) error {
	if where.name == "" {
		return nil
	}
	path := where.resource.Object(where.namespace, where.name)
	now := []byte(`{"gracePeriodSeconds":0,"propagationPolicy":"Background"}`)
	if _, err := s.client.Do(ctx, client.Request{Method: http.MethodDelete, Path: path, Type: client.JSON, Body: now}); err != nil {
		return err
	}
	return wait.PollUntilContextCancel(ctx, 10*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		left, err := s.client.Do(ctx, client.Request{Method: http.MethodGet, Path: path})
		if err != nil || !left.Accepted() {
			return err == nil, err
		}
		return false, s.release(ctx, where, left.Object)
	})
}

// release takes the finalizers off an object; definitions are left to the server's own controller.
func (s *Stage) release(ctx context.Context, where place, object map[string]any) error {
	path := where.resource.Object(where.namespace, where.name)
	if where.gvk == namespaceKind {
		object["spec"] = map[string]any{"finalizers": []any{}}
		body, err := json.Marshal(object)
		if err != nil {
			return err
		}
		_, err = s.client.Do(ctx, client.Request{Method: http.MethodPut, Path: path + "/finalize", Type: client.JSON, Body: body})
		return err
	}
	if where.gvk.Kind == "CustomResourceDefinition" {
		return nil
	}
	_, err := s.client.Do(ctx, client.Request{Method: http.MethodPatch, Path: path, Type: client.MergePatch, Body: []byte(`{"metadata":{"finalizers":[]}}`)})
	return err
}
