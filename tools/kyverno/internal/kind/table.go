// Package kind says which resource an object's kind is stored as, and whether it lies in a namespace.
//
// It owns the one table that matching relies on. It must never guess: a plural that is derived from a kind is
// wrong for some kinds, and a wrong one makes a policy silently match nothing.
package kind

import (
	"fmt"
	"strings"

	"github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno/data"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Resource is one kind as the API server serves it.
type Resource struct {
	Group      string `json:"group"`
	Version    string `json:"version"`
	Kind       string `json:"kind"`
	Plural     string `json:"plural"`
	Namespaced bool   `json:"namespaced"`
}

// GVR names the resource as admission does.
func (r Resource) GVR() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Plural}
}

// Table knows the built-in kinds that Kyverno embeds, and those that a client adds.
type Table struct {
	builtin map[schema.GroupKind]Resource
	added   map[schema.GroupKind]Resource
}

// NewTable reads the kinds that Kyverno embeds.
func NewTable() (*Table, error) {
	groups, err := data.APIGroupResources()
	if err != nil {
		return nil, fmt.Errorf("read the built-in kinds: %w", err)
	}
	table := &Table{builtin: map[schema.GroupKind]Resource{}}
	for _, group := range groups {
		for version, resources := range group.VersionedResources {
			for _, resource := range resources {
				if strings.Contains(resource.Name, "/") {
					continue
				}
				table.builtin[schema.GroupKind{Group: group.Group.Name, Kind: resource.Kind}] = Resource{
					Group: group.Group.Name, Version: version, Kind: resource.Kind,
					Plural: resource.Name, Namespaced: resource.Namespaced,
				}
			}
		}
	}
	return table, nil
}

// Replace forgets the kinds that a client added before and adds these; it changes nothing if one of them is unusable.
func (t *Table) Replace(resources []Resource) error {
	added := make(map[schema.GroupKind]Resource, len(resources))
	for i, resource := range resources {
		if resource.Version == "" || resource.Kind == "" || resource.Plural == "" {
			return fmt.Errorf("`resources[%d]` needs `version`, `kind` and `plural`", i)
		}
		key := schema.GroupKind{Group: resource.Group, Kind: resource.Kind}
		if other, twice := added[key]; twice && (other.Plural != resource.Plural || other.Namespaced != resource.Namespaced) {
			return fmt.Errorf("`resources[%d]` contradicts an earlier entry for %s", i, key)
		}
		added[key] = resource
	}
	t.added = added
	return nil
}

// Find gives the resource of a kind; all versions of a kind share one plural and one scope.
func (t *Table) Find(gvk schema.GroupVersionKind) (Resource, bool) {
	resource, found := t.added[gvk.GroupKind()]
	if !found {
		resource, found = t.builtin[gvk.GroupKind()]
	}
	resource.Version = gvk.Version
	return resource, found
}

// Has tells whether any kind of a group is stored under a plural; `*` stands for every group or plural.
func (t *Table) Has(group, plural string) bool {
	for _, kinds := range []map[schema.GroupKind]Resource{t.added, t.builtin} {
		for _, resource := range kinds {
			if (group == "*" || group == resource.Group) && (plural == "*" || plural == resource.Plural) {
				return true
			}
		}
	}
	return false
}

// Len counts the kinds.
func (t *Table) Len() int {
	count := len(t.builtin)
	for key := range t.added {
		if _, known := t.builtin[key]; !known {
			count++
		}
	}
	return count
}
