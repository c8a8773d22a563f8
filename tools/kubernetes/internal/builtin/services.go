package builtin

import (
	"context"
	"fmt"
	"net"
	"reflect"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilnet "k8s.io/apimachinery/pkg/util/net"
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
	netutils "k8s.io/utils/net"

	"aurora.example/tools/kubernetes/internal/request"
)

// Services are the flags of the server that decide about Services, and the registries that run by them.
//
// Without ranges the cluster is taken to be dual-stack with IPv4 first, and to have every address that a Service asks for; what
// depends on that is noted as a gap.
type services struct {
	ranges []*net.IPNet
	ports  utilnet.PortRange
	pool   sync.Pool
}

// SetServices replaces the flags: ranges of addresses, the cluster's own family first, and the range of node ports, by
// default that of pkg/kubeapiserver/options (DefaultServiceNodePortRange).
func (t *Table) SetServices(ranges []string, ports string) (err error) {
	s := &services{ports: utilnet.PortRange{Base: 30000, Size: 2768}}
	s.pool.New = func() any { return s.hooks() }
	if s.ranges, err = netutils.ParseCIDRs(ranges); err != nil {
		return err
	}
	if ports != "" {
		err = s.ports.Set(ports)
	}
	t.services = s
	return err
}

// serviceHooks runs the hooks of the Service registry on allocators of its own: every address of the cluster's is free, and
// what one Service asks for never meets another's.
type serviceHooks struct {
	of    *services
	store *servicestorage.REST
	ports *nodePorts
	err   error
}

// beginService prepares hooks for one Service.
func (t *Table) beginService(obj runtime.Object) Hooks {
	hooks := t.services.pool.Get().(*serviceHooks)
	hooks.ports.reset(obj.(*api.Service))
	return hooks
}

func (s *services) hooks() *serviceHooks {
	h := &serviceHooks{of: s, ports: &nodePorts{within: s.ports}}
	first, addresses := api.IPv4Protocol, map[api.IPFamily]ipallocator.Interface{}
	add := func(family api.IPFamily, placeholder net.IP) {
		addresses[family] = addressAllocator{family: family, placeholder: placeholder, ranges: s.ranges}
	}
	for i, one := range s.ranges {
		family := api.IPv4Protocol
		if netutils.IsIPv6CIDR(one) {
			family = api.IPv6Protocol
		}
		if i == 0 {
			first = family
		}
		add(family, one.IP)
	}
	if len(s.ranges) == 0 {
		add(api.IPv4Protocol, net.IPv4(10, 96, 0, 100))
		add(api.IPv6Protocol, net.ParseIP("fd00:10:96::64"))
	}
	h.store, _, _, h.err = servicestorage.NewREST(unstoredOptions{}, first, addresses, h.ports, nil, nil, nil)
	return h
}

// BeginCreate allocates as the registry does.
func (h *serviceHooks) BeginCreate(ctx context.Context, obj runtime.Object, opts *metav1.CreateOptions) (genericregistry.FinishFunc, error) {
	if h.err != nil {
		return nil, fmt.Errorf("set up the service registry: %w", h.err)
	}
	defer h.of.pool.Put(h)
	h.of.assume(ctx, obj.(*api.Service), &api.Service{})
	return h.store.BeginCreate(ctx, obj, opts)
}

// BeginUpdate keeps what the old object was given, as the registry does.
func (h *serviceHooks) BeginUpdate(ctx context.Context, obj, old runtime.Object, opts *metav1.UpdateOptions) (genericregistry.FinishFunc, error) {
	if h.err != nil {
		return nil, fmt.Errorf("set up the service registry: %w", h.err)
	}
	defer h.of.pool.Put(h)
	h.ports.keep(old.(*api.Service))
	h.of.assume(ctx, obj.(*api.Service), old.(*api.Service))
	return h.store.BeginUpdate(ctx, obj, old, opts)
}

// assume notes what the answer depends on where the ranges of the cluster are not known.
func (s *services) assume(ctx context.Context, service, old *api.Service) {
	if len(s.ranges) > 0 {
		return
	}
	policy := service.Spec.IPFamilyPolicy
	dual := policy != nil && *policy == api.IPFamilyPolicyRequireDualStack || slices.Contains(service.Spec.IPFamilies, api.IPv6Protocol)
	if dual && !(reflect.DeepEqual(policy, old.Spec.IPFamilyPolicy) && reflect.DeepEqual(service.Spec.IPFamilies, old.Spec.IPFamilies)) {
		request.Gap(ctx, "it needs a cluster whose Services have IPv6, and the cluster's service ranges are not given")
	}
	if address := service.Spec.ClusterIP; address != "" && address != api.ClusterIPNone && address != old.Spec.ClusterIP {
		request.Gap(ctx, fmt.Sprintf("address %s has to be in the cluster's service ranges, which are not given", address))
	}
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

// addressAllocator gives every Service the same placeholder and grants every wish in the ranges: the cluster's other
// Services are not known here.
type addressAllocator struct {
	ipallocator.Interface
	family      api.IPFamily
	placeholder net.IP
	ranges      []*net.IPNet
}

// Allocate refuses what the server's allocator refuses.
func (a addressAllocator) Allocate(address net.IP) error {
	if len(a.ranges) > 0 && !slices.ContainsFunc(a.ranges, func(r *net.IPNet) bool { return r.Contains(address) }) {
		return ipallocator.ErrMismatchedNetwork
	}
	return nil
}

func (a addressAllocator) AllocateNext() (net.IP, error) { return a.placeholder, nil }
func (a addressAllocator) Release(net.IP) error          { return nil }
func (a addressAllocator) CIDR() net.IPNet               { return net.IPNet{} }
func (a addressAllocator) IPFamily() api.IPFamily        { return a.family }
func (a addressAllocator) DryRun() ipallocator.Interface { return a }

// nodePorts allocates for one Service at a time, lowest free port first, so that runs are alike.
type nodePorts struct {
	portallocator.Interface
	within        utilnet.PortRange
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
	if !p.within.Contains(port) {
		return &portallocator.ErrNotInRange{ValidPorts: p.within.String()}
	}
	if p.taken[port] {
		return portallocator.ErrAllocated
	}
	p.taken[port] = true
	return nil
}

// AllocateNext takes the lowest port that the Service does not ask for elsewhere.
func (p *nodePorts) AllocateNext() (int, error) {
	for port := p.within.Base; p.within.Contains(port); port++ {
		if !p.taken[port] && !p.wished[port] {
			p.taken[port] = true
			return port, nil
		}
	}
	return 0, portallocator.ErrFull
}

func (p *nodePorts) Release(port int) error { delete(p.taken, port); return nil }
