// Package client speaks to the API server of a rehearsal.
//
// It decides nothing about answers: a refusal is an answer, an error means that there is none.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Types of bodies.
const (
	JSON       = "application/json"
	YAML       = "application/yaml"
	MergePatch = "application/merge-patch+json"
	Apply      = "application/apply-patch+yaml"
)

// Client sends requests to one server.
type Client struct {
	rest *rest.RESTClient
	// kinds is what the server serves; it asks again when it knows no such kind.
	kinds *restmapper.DeferredDiscoveryRESTMapper
}

// New returns a client; the HTTP client authenticates.
func New(url string, http *http.Client) (*Client, error) {
	config := &rest.Config{Host: url, QPS: -1, WarningHandler: rest.NoWarnings{}}
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.UnversionedRESTClientForConfigAndClient(config, http)
	if err != nil {
		return nil, err
	}
	kinds := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovery.NewDiscoveryClient(client)))
	return &Client{client, kinds}, nil
}

// Place is where the server keeps an object; without a name, where it keeps all of its kind.
type Place struct {
	Kind            schema.GroupVersionKind
	resource        schema.GroupVersionResource
	Namespaced      bool
	Namespace, Name string
}

// Find looks a kind up in the server's own list; found is false when it is not served there.
func (c *Client) Find(kind schema.GroupVersionKind, namespace, name string) (place Place, found bool, err error) {
	mapping, err := c.kinds.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		return Place{Kind: kind}, false, nil
	}
	if err != nil {
		return Place{Kind: kind}, false, fmt.Errorf("list what the API server serves: %w", err)
	}
	place = Place{Kind: kind, resource: mapping.Resource, Namespaced: mapping.Scope.Name() == meta.RESTScopeNameNamespace, Name: name}
	if place.Namespaced {
		place.Namespace = namespace
	}
	return place, true, nil
}

// Forget makes the next Find ask again: definitions came or went.
func (c *Client) Forget() { c.kinds.Reset() }

// collection is the path of all objects of the kind in the namespace.
func (p Place) collection() []string {
	path := []string{"/api", p.resource.Version}
	if p.resource.Group != "" {
		path = []string{"/apis", p.resource.Group, p.resource.Version}
	}
	if p.Namespaced {
		path = append(path, "namespaces", p.Namespace)
	}
	return append(path, p.resource.Resource)
}

// Create requests that an object is made there.
func (c *Client) Create(at Place, kind string, body []byte) *rest.Request {
	return c.rest.Post().AbsPath(at.collection()...).SetHeader("Content-Type", kind).Body(body)
}

// On begins a request about the object, or a part of it.
func (c *Client) On(verb string, at Place, part ...string) *rest.Request {
	return c.rest.Verb(verb).AbsPath(append(append(at.collection(), at.Name), part...)...)
}

// Answer is what the server said.
type Answer struct {
	Warnings []string
	// Status is set when the server refused.
	Status *metav1.Status
	// Object is set when the server did not refuse.
	Object map[string]any
}

// Accepted reports whether the server did what was asked.
func (a *Answer) Accepted() bool { return a != nil && a.Status == nil }

// Message is why the server refused.
func (a *Answer) Message() string {
	if a == nil || a.Status == nil {
		return ""
	}
	return a.Status.Message
}

// Do sends a request and reads the answer, whatever it is.
func Do(ctx context.Context, request *rest.Request) (*Answer, error) {
	result := request.SetHeader("Accept", JSON).Do(ctx)
	answer := &Answer{}
	for _, warning := range result.Warnings() {
		answer.Warnings = append(answer.Warnings, warning.Text)
	}
	var refused apierrors.APIStatus
	if err := result.Error(); errors.As(err, &refused) {
		status := refused.Status()
		answer.Status = &status
		return answer, nil
	} else if err != nil {
		return nil, fmt.Errorf("ask the API server: %w", err)
	}
	body, err := result.Raw()
	if err == nil {
		err = json.Unmarshal(body, &answer.Object)
	}
	return answer, err
}

// Must sends a request that the server has to accept, or where named to refuse for that reason.
func Must(ctx context.Context, request *rest.Request, unless ...metav1.StatusReason) (*Answer, error) {
	answer, err := Do(ctx, request)
	if err == nil && !answer.Accepted() && !slices.Contains(unless, answer.Status.Reason) {
		err = fmt.Errorf("%s: %s", request.URL(), answer.Message())
	}
	return answer, err
}
