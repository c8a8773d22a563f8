package builtin

import (
	"context"
	"fmt"
	"net"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/storagebackend/factory"
	"k8s.io/client-go/tools/cache"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	servicestorage "k8s.io/kubernetes/pkg/registry/core/service/storage"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The range of node ports that a server has unless told otherwise
// (pkg/kubeapiserver/options, DefaultServiceNodePortRange).
const (
	firstNodePort = 30000
	lastNodePort  = 32767
)

// serviceHooks runs the hooks of the Service registry on allocators of its own: the cluster is taken to be
// dual-stack with IPv4 first, every address is free, and what one Service asks for never meets another's.
type serviceHooks struct {
	store *servicestorage.REST
	ports *nodePorts
	err   error
}

var servicePool = sync.Pool{New: func() any { return newServiceHooks() }}

// beginService prepares hooks for one Service.
func beginService(obj runtime.Object) Hooks {
	hooks := servicePool.Get().(*serviceHooks)
	hooks.ports.reset(obj.(*api.Service))
	return hooks
}

func newServiceHooks() *serviceHooks {
	ports := &nodePorts{}
	addresses := map[api.IPFamily]ipallocator.Interface{
		api.IPv4Protocol: addressAllocator{api.IPv4Protocol, net.IPv4(10, 96, 0, 100)},
		api.IPv6Protocol: addressAllocator{api.IPv6Protocol, net.ParseIP("fd00:10:96::64")},
	}
	store, _, _, err := servicestorage.NewREST(unstoredOptions{}, api.IPv4Protocol, addresses, ports, nil, nil, nil)
	return &serviceHooks{store: store, ports: ports, err: err}
}

// BeginCreate allocates as the registry does.
func (h *serviceHooks) BeginCreate(ctx context.Context, obj runtime.Object, options *metav1.CreateOptions) (genericregistry.FinishFunc, error) {
	if h.err != nil {
		return nil, fmt.Errorf("set up the service registry: %w", h.err)
	}
	defer servicePool.Put(h)
	return h.store.BeginCreate(ctx, obj, options)
}

// BeginUpdate keeps what the old object was given, as the registry does.
func (h *serviceHooks) BeginUpdate(ctx context.Context, obj, old runtime.Object, options *metav1.UpdateOptions) (genericregistry.FinishFunc, error) {
	if h.err != nil {
		return nil, fmt.Errorf("set up the service registry: %w", h.err)
	}
	defer servicePool.Put(h)
	h.ports.keep(old.(*api.Service))
	return h.store.BeginUpdate(ctx, obj, old, options)
}

// unstoredOptions lets a registry be built without a database behind it.
type unstoredOptions struct{}

// GetRESTOptions implements generic.RESTOptionsGetter.
func (unstoredOptions) GetRESTOptions(resource schema.GroupResource, _ runtime.Object) (generic.RESTOptions, error) {
	return generic.RESTOptions{
		StorageConfig: &storagebackend.ConfigForResource{}, ResourcePrefix: resource.Resource,
		Decorator: func(*storagebackend.ConfigForResource, string, func(runtime.Object) (string, error), func() runtime.Object,
			func() runtime.Object, storage.AttrFunc, storage.IndexerFuncs, *cache.Indexers) (storage.Interface, factory.DestroyFunc, error) {
			return nil, func() {}, nil
		},
	}, nil
}

// addressAllocator gives every Service the same placeholder and grants every wish: the cluster's ranges and
// its other Services are not known here.
type addressAllocator struct {
	family      api.IPFamily
	placeholder net.IP
}

func (a addressAllocator) Allocate(net.IP) error         { return nil }
func (a addressAllocator) AllocateNext() (net.IP, error) { return a.placeholder, nil }
func (a addressAllocator) Release(net.IP) error          { return nil }
func (a addressAllocator) ForEach(func(net.IP))          {}
func (a addressAllocator) CIDR() net.IPNet               { return net.IPNet{} }
func (a addressAllocator) IPFamily() api.IPFamily        { return a.family }
func (a addressAllocator) Has(net.IP) bool               { return false }
func (a addressAllocator) Destroy()                      {}
func (a addressAllocator) EnableMetrics()                {}
func (a addressAllocator) DryRun() ipallocator.Interface { return a }

// nodePorts allocates for one Service at a time, lowest free port first, so that runs are alike.
type nodePorts struct {
	taken, wished map[int]bool
}

func (p *nodePorts) reset(svc *api.Service) {
	p.taken, p.wished = map[int]bool{}, map[int]bool{int(svc.Spec.HealthCheckNodePort): true}
	for _, port := range svc.Spec.Ports {
		p.wished[int(port.NodePort)] = true
	}
}

// keep marks the ports that the Service already holds.
func (p *nodePorts) keep(old *api.Service) {
	for _, port := range old.Spec.Ports {
		p.taken[int(port.NodePort)] = true
	}
}

// Allocate refuses what the server's allocator refuses: ports out of range, and one port twice.
func (p *nodePorts) Allocate(port int) error {
	if port < firstNodePort || port > lastNodePort {
		return &portallocator.ErrNotInRange{ValidPorts: fmt.Sprintf("%d-%d", firstNodePort, lastNodePort)}
	}
	if p.taken[port] {
		return portallocator.ErrAllocated
	}
	p.taken[port] = true
	return nil
}

// AllocateNext takes the lowest port that the Service does not ask for elsewhere.
func (p *nodePorts) AllocateNext() (int, error) {
	for port := firstNodePort; port <= lastNodePort; port++ {
		if !p.taken[port] && !p.wished[port] {
			p.taken[port] = true
			return port, nil
		}
	}
	return 0, portallocator.ErrFull
}

func (p *nodePorts) Release(port int) error { delete(p.taken, port); return nil }
func (p *nodePorts) ForEach(func(int))      {}
func (p *nodePorts) Has(port int) bool      { return p.taken[port] }
func (p *nodePorts) Destroy()               {}
func (p *nodePorts) EnableMetrics()         {}
