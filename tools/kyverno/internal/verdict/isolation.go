package verdict

import (
	"errors"
	"sync"

	"github.com/kyverno/kyverno/pkg/cel/libs"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// errIsolated answers every question that only a cluster can answer.
var errIsolated = errors.New("the policy engine has no cluster to ask")

// isolated is what CEL libraries get in place of a cluster. Policies that would ask it are refused before; an
// absent answer must not look like an empty one all the same.
type isolated struct {
	libs.Context
}

// isolate makes Kyverno's compiler hand the isolated context to the libraries, once for the process.
var isolate = sync.OnceValue(func() libs.Context {
	libs.LibraryContext = isolated{libs.NewFakeContextProvider()}
	return libs.LibraryContext
})

func (isolated) GetGlobalReference(_, _ string) (any, error) { return nil, errIsolated }

func (isolated) ListResources(_, _, _ string, _ map[string]string) (*unstructured.UnstructuredList, error) {
	return nil, errIsolated
}

func (isolated) GetResource(_, _, _, _ string) (*unstructured.Unstructured, error) {
	return nil, errIsolated
}

func (isolated) PostResource(_, _, _ string, _ map[string]any) (*unstructured.Unstructured, error) {
	return nil, errIsolated
}

func (isolated) GenerateResources(string, []map[string]any) error { return errIsolated }

func (isolated) ToGVR(_, _ string) (*schema.GroupVersionResource, error) { return nil, errIsolated }
