package builtin

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/registry/generic"
	genericregistry "k8s.io/apiserver/pkg/registry/generic/registry"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/informers"
	restclient "k8s.io/client-go/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/controlplane"
	admissionregistrationrest "k8s.io/kubernetes/pkg/registry/admissionregistration/rest"
	apiserverinternalrest "k8s.io/kubernetes/pkg/registry/apiserverinternal/rest"
	appsrest "k8s.io/kubernetes/pkg/registry/apps/rest"
	authenticationrest "k8s.io/kubernetes/pkg/registry/authentication/rest"
	authorizationrest "k8s.io/kubernetes/pkg/registry/authorization/rest"
	autoscalingrest "k8s.io/kubernetes/pkg/registry/autoscaling/rest"
	batchrest "k8s.io/kubernetes/pkg/registry/batch/rest"
	certificatesrest "k8s.io/kubernetes/pkg/registry/certificates/rest"
	coordinationrest "k8s.io/kubernetes/pkg/registry/coordination/rest"
	corerest "k8s.io/kubernetes/pkg/registry/core/rest"
	discoveryrest "k8s.io/kubernetes/pkg/registry/discovery/rest"
	eventsrest "k8s.io/kubernetes/pkg/registry/events/rest"
	flowcontrolrest "k8s.io/kubernetes/pkg/registry/flowcontrol/rest"
	networkingrest "k8s.io/kubernetes/pkg/registry/networking/rest"
	noderest "k8s.io/kubernetes/pkg/registry/node/rest"
	policyrest "k8s.io/kubernetes/pkg/registry/policy/rest"
	rbacrest "k8s.io/kubernetes/pkg/registry/rbac/rest"
	resourcerest "k8s.io/kubernetes/pkg/registry/resource/rest"
	schedulingrest "k8s.io/kubernetes/pkg/registry/scheduling/rest"
	storagerest "k8s.io/kubernetes/pkg/registry/storage/rest"
	svmrest "k8s.io/kubernetes/pkg/registry/storagemigration/rest"
)

func table() *Table {
	return NewTable(NamespaceClient{})
}

type provider interface {
	NewRESTStorage(serverstorage.APIResourceConfigSource, generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error)
}

// providers are those of pkg/controlplane's StorageProviders; the core group's full provider needs a database,
// so that its generic half stands in and the walk over the scheme covers the rest.
func providers(t *testing.T) []provider {
	client, err := discovery.NewDiscoveryClientForConfig(&restclient.Config{Host: "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	namespaces := NamespaceClient{}
	return []provider{
		&corerest.GenericConfig{EventTTL: time.Hour},
		apiserverinternalrest.StorageProvider{}, authenticationrest.RESTStorageProvider{}, authorizationrest.RESTStorageProvider{},
		autoscalingrest.RESTStorageProvider{}, batchrest.RESTStorageProvider{}, certificatesrest.RESTStorageProvider{Authorizer: authorizerfactory.NewAlwaysAllowAuthorizer()},
		coordinationrest.RESTStorageProvider{}, discoveryrest.StorageProvider{}, networkingrest.RESTStorageProvider{},
		noderest.RESTStorageProvider{}, policyrest.RESTStorageProvider{}, rbacrest.RESTStorageProvider{},
		schedulingrest.RESTStorageProvider{}, storagerest.RESTStorageProvider{}, svmrest.RESTStorageProvider{},
		flowcontrolrest.RESTStorageProvider{InformerFactory: informers.NewSharedInformerFactory(nil, 0)},
		appsrest.StorageProvider{}, admissionregistrationrest.RESTStorageProvider{DiscoveryClient: client},
		eventsrest.RESTStorageProvider{TTL: time.Hour}, resourcerest.RESTStorageProvider{NamespaceClient: namespaces},
	}
}

// TestEveryResourceOfTheServersRegistriesHasAnEntryWithTheSameStrategy fails when the server serves what the
// table does not know, or judges it with another strategy.
func TestEveryResourceOfTheServersRegistriesHasAnEntryWithTheSameStrategy(t *testing.T) {
	table, seen := table(), 0
	for _, p := range providers(t) {
		info, err := p.NewRESTStorage(controlplane.DefaultAPIResourceConfigSource(), unstoredOptions{})
		if err != nil {
			t.Fatalf("%T: %v", p, err)
		}
		for version, resources := range info.VersionedResourcesStorageMap {
			for resource, storage := range resources {
				if !strings.Contains(resource, "/") {
					seen++
					checkEntry(t, table, info.PrioritizedVersions[0].Group, version, resource, storage)
				}
			}
		}
	}
	if seen < 45 {
		t.Fatalf("only %d resources walked", seen)
	}
}

func checkEntry(t *testing.T, table *Table, group, version, resource string, storage rest.Storage) {
	t.Helper()
	kinds, _, err := legacyscheme.Scheme.ObjectKinds(storage.New())
	if err != nil {
		t.Fatalf("%s: %v", resource, err)
	}
	name := kinds[0].Kind
	if provided, ok := storage.(rest.GroupVersionKindProvider); ok {
		name = provided.GroupVersionKind(schema.GroupVersion{Group: group, Version: version}).Kind
	}
	kind, ok := table.Find(schema.GroupKind{Group: group, Kind: name})
	if !ok || kind.Resource != resource || !kind.Serves(version) {
		t.Errorf("no entry for %s/%s %s (%s): %+v", group, version, resource, name, kind)
		return
	}
	if kind.Unstored != "" {
		return
	}
	if want := createStrategy(storage); want == nil || reflect.TypeOf(want) != reflect.TypeOf(kind.Strategy) {
		t.Errorf("%s/%s: the registry uses %T, the table %T", group, name, want, kind.Strategy)
	}
}

// createStrategy finds the registry store inside a storage, embedded or as a field.
func createStrategy(storage rest.Storage) rest.RESTCreateStrategy {
	value := reflect.Indirect(reflect.ValueOf(storage))
	if value.Type() == reflect.TypeOf(genericregistry.Store{}) {
		return value.Addr().Interface().(*genericregistry.Store).CreateStrategy
	}
	for i := range value.NumField() {
		field := value.Field(i)
		readable := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface()
		if store, ok := readable.(*genericregistry.Store); ok {
			return store.CreateStrategy
		}
		if inner, ok := readable.(rest.Storage); ok {
			return createStrategy(inner)
		}
	}
	return nil
}

// notManifests are types with metadata in served versions that belong to subresources or requests, each with
// the place that says so.
var notManifests = map[string]string{
	"/v1 PodStatusResult":                   "pods/status of old kubelets",
	"/v1 RangeAllocation":                   "the server's own bookkeeping",
	"/v1 SerializedReference":               "a value inside annotations",
	"apps/v1 Scale":                         "subresource scale",
	"autoscaling/v1 Scale":                  "subresource scale",
	"policy/v1 Eviction":                    "subresource pods/eviction",
	"authentication.k8s.io/v1 TokenRequest": "subresource serviceaccounts/token",
}

// TestEveryTypeWithMetadataInAServedVersionHasAnEntry walks the scheme, the core group included.
func TestEveryTypeWithMetadataInAServedVersionHasAnEntry(t *testing.T) {
	table, seen := table(), 0
	for gv, enabled := range controlplane.DefaultAPIResourceConfigSource().GroupVersionConfigs {
		if !enabled {
			continue
		}
		for name, typ := range legacyscheme.Scheme.KnownTypes(gv) {
			object := reflect.New(typ).Interface()
			if _, err := meta.Accessor(object); err != nil {
				continue
			}
			seen++
			kind, ok := table.Find(schema.GroupKind{Group: gv.Group, Kind: name})
			if notManifests[gv.String()+" "+name] == "" && notManifests["/"+gv.String()+" "+name] == "" && (!ok || !kind.Serves(gv.Version)) {
				t.Errorf("no entry for %s %s", gv, name)
			}
		}
	}
	if seen < 60 {
		t.Fatalf("only %d types walked", seen)
	}
}

// TestNoEntryNamesAVersionThatIsNotServed is the other direction.
func TestNoEntryNamesAVersionThatIsNotServed(t *testing.T) {
	source := controlplane.DefaultAPIResourceConfigSource()
	for _, kind := range table().All() {
		for _, version := range kind.Versions {
			gvk := schema.GroupVersionKind{Group: kind.Group, Version: version, Kind: kind.Kind}
			if !kind.Scheme.Recognizes(gvk) {
				t.Errorf("%s is in no scheme", gvk)
			}
			if kind.Scheme == legacyscheme.Scheme && !source.ResourceEnabled(kind.GVR(version)) {
				t.Errorf("%s is not served by default", gvk)
			}
		}
		if kind.Unstored == "" && kind.Strategy == nil {
			t.Errorf("%s has neither strategy nor reason", kind.Kind)
		}
	}
}
