package client

import (
	"fmt"
	"net/url"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource says where the server keeps objects of a kind.
type Resource struct {
	Name       string
	Namespaced bool
	version    schema.GroupVersion
}

// Find looks a kind up in the server's own list; found is false when it is not served there.
func (c *Client) Find(gvk schema.GroupVersionKind) (resource Resource, found bool, err error) {
	version := gvk.GroupVersion()
	kinds, known := c.resources[version.String()]
	if !known {
		if kinds, err = c.list(version); err != nil {
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
func (c *Client) list(version schema.GroupVersion) (map[string]Resource, error) {
	list, err := c.discovery.ServerResourcesForGroupVersion(version.String())
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the resources of %s: %w", version, err)
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
