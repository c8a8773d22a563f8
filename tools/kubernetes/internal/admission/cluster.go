package admission

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
)

// Labels answers the labels of a namespace, and whether it is known.
type Labels func(name string) (map[string]string, bool)

// lister answers the dispatcher's questions about namespaces.
type lister struct {
	corelisters.NamespaceLister
	labels Labels
}

// Get implements the one method that the matcher calls. A namespace that nobody described has only the label
// that every namespace has; what depends on more is not judged.
func (l lister) Get(name string) (*corev1.Namespace, error) {
	known, _ := l.labels(name)
	all := labels.Merge(known, map[string]string{corev1.LabelMetadataName: name})
	return &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: all},
		Status:     corev1.NamespaceStatus{Phase: corev1.NamespaceActive},
	}, nil
}

// informer offers parameters in the form that the dispatcher wants.
type informer struct {
	cache.SharedIndexInformer
	indexer  cache.Indexer
	resource schema.GroupResource
}

// Informer implements informers.GenericInformer.
func (i informer) Informer() cache.SharedIndexInformer { return i }

// Lister implements informers.GenericInformer.
func (i informer) Lister() cache.GenericLister { return cache.NewGenericLister(i.indexer, i.resource) }

// HasSynced is true: the input is complete when objects are judged.
func (informer) HasSynced() bool { return true }

// paramInformer returns the parameters of a kind; nil when the input holds none.
func (p *Policies) paramInformer(kind *admissionv1.ParamKind) (informers.GenericInformer, schema.GroupVersionKind) {
	gv, err := schema.ParseGroupVersion(kind.APIVersion)
	if err != nil {
		return nil, schema.GroupVersionKind{}
	}
	gvk := gv.WithKind(kind.Kind)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	indexer, ok := p.params[gvk.GroupKind()]
	if !ok {
		return nil, gvk
	}
	return informer{indexer: indexer, resource: schema.GroupResource{Group: gvk.Group, Resource: gvk.Kind}}, gvk
}
