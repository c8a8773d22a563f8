package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource says where the server keeps objects of a kind.
type Resource struct {
	Name       string
	Namespaced bool
	version    schema.GroupVersion
}

// Find looks a kind up in the server's own list; found is false when it is not served there.
func (c *Client) Find(ctx context.Context, gvk schema.GroupVersionKind) (resource Resource, found bool, err error) {
	version := gvk.GroupVersion()
	kinds, known := c.resources[version.String()]
	if !known {
		if kinds, err = c.list(ctx, version); err != nil {
			return Resource{}, false, err
		}
		if kinds != nil {
			c.resources[version.String()] = kinds
		}
	}
	resource, found = kinds[gvk.Kind]
	return resource, found, nil
}

// Forget makes the next Find ask again: definitions came or went.
func (c *Client) Forget() { c.resources = map[string]map[string]Resource{} }

// list returns nil for a version that is not served.
func (c *Client) list(ctx context.Context, version schema.GroupVersion) (map[string]Resource, error) {
	answer, err := c.Do(ctx, Request{Method: http.MethodGet, Path: root(version)})
	if err != nil || answer.Code == http.StatusNotFound {
		return nil, err
	}
	if !answer.Accepted() {
		return nil, fmt.Errorf("list the resources of %s: %s", version, answer.Message())
	}
	data, err := json.Marshal(answer.Object)
	if err != nil {
		return nil, err
	}
	var list metav1.APIResourceList
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	kinds := map[string]Resource{}
	for _, r := range list.APIResources {
		if !strings.Contains(r.Name, "/") {
			kinds[r.Kind] = Resource{Name: r.Name, Namespaced: r.Namespaced, version: version}
		}
	}
	return kinds, nil
}

func root(version schema.GroupVersion) string {
	if version.Group == "" {
		return "/api/" + url.PathEscape(version.Version)
	}
	return "/apis/" + url.PathEscape(version.Group) + "/" + url.PathEscape(version.Version)
}

// Collection is the path of all objects of the resource in a namespace.
func (r Resource) Collection(namespace string) string {
	path := root(r.version)
	if r.Namespaced {
		path += "/namespaces/" + url.PathEscape(namespace)
	}
	return path + "/" + r.Name
}

// Object is the path of one object.
func (r Resource) Object(namespace, name string) string {
	return r.Collection(namespace) + "/" + url.PathEscape(name)
}
