package builtin

import (
	"sync"

	apiextensionsserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	"k8s.io/kube-aggregator/pkg/registry/apiservice"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/capabilities"
)

// Reasons why the server keeps no object of a kind.
const (
	answered = "the server answers a request of this kind and stores no object"
	readOnly = "the server only reports objects of this kind"
	action   = "the server acts on a request of this kind and stores no object"
)

// row keeps the tables of strategies.go readable.
func row(group, kind, resource string, versions []string, strategy Strategy) Kind {
	return Kind{Group: group, Kind: kind, Resource: resource, Versions: versions, Strategy: strategy}
}

func unstored(group, kind, resource, why string) Kind {
	return Kind{Group: group, Kind: kind, Resource: resource, Versions: v1, Unstored: why}
}

var v1 = []string{"v1"}

// NewTable builds the table. The client answers which labels a namespace has; two strategies ask for it before
// they allow administrative access to devices.
func NewTable(namespaces corev1client.NamespaceInterface) *Table {
	// Every cluster that runs system pods starts its server with --allow-privileged; without it, validation
	// refuses each privileged container. The first call wins.
	capabilities.Setup(true, 0)
	table := &Table{
		kinds:   map[schema.GroupKind]*Kind{},
		schemes: []*runtime.Scheme{legacyscheme.Scheme, apiextensionsserver.Scheme, aggregatorscheme.Scheme},
		classes: classes{informers.NewSharedInformerFactory(nil, 0)},
	}
	if err := table.SetServices(nil, ""); err != nil {
		panic(err)
	}
	table.chain = sync.OnceValues(table.classes.chain)
	for _, rows := range [][]Kind{
		coreKinds(table.beginService), workloadKinds(), networkKinds(), policyKinds(), storageKinds(namespaces), reviewKinds(),
	} {
		table.add(legacyscheme.Scheme, rows)
	}
	table.add(apiextensionsserver.Scheme, []Kind{row("apiextensions.k8s.io", "CustomResourceDefinition",
		"customresourcedefinitions", v1, customresourcedefinition.NewStrategy(apiextensionsserver.Scheme))})
	table.add(aggregatorscheme.Scheme, []Kind{row("apiregistration.k8s.io", "APIService",
		"apiservices", v1, apiservice.NewStrategy(aggregatorscheme.Scheme))})
	return table
}

func (t *Table) add(scheme *runtime.Scheme, rows []Kind) {
	for i := range rows {
		rows[i].Scheme, rows[i].table = scheme, t
		t.kinds[schema.GroupKind{Group: rows[i].Group, Kind: rows[i].Kind}] = &rows[i]
	}
}

// reviewKinds are created and answered at once (pkg/registry/authentication and pkg/registry/authorization).
func reviewKinds() []Kind {
	return []Kind{
		unstored("", "Binding", "bindings", action),
		unstored("", "ComponentStatus", "componentstatuses", readOnly),
		unstored("authentication.k8s.io", "TokenReview", "tokenreviews", answered),
		unstored("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", answered),
		unstored("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews", answered),
		unstored("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", answered),
		unstored("authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews", answered),
		unstored("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews", answered),
	}
}

// ArgoKnows is the scheme of the kinds that Argo CD reads with their Go types before it compares; it compares
// all others as plain JSON.
var ArgoKnows = legacyscheme.Scheme
