package builtin

import (
	"context"
	"slices"
	"sync"

	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/initializer"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	api "k8s.io/kubernetes/pkg/apis/core"
	scheduling "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/plugin/pkg/admission/certificates/subjectrestriction"
	"k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds"
	"k8s.io/kubernetes/plugin/pkg/admission/nodetaint"
	"k8s.io/kubernetes/plugin/pkg/admission/priority"
	"k8s.io/kubernetes/plugin/pkg/admission/storage/storageobjectinuseprotection"

	"aurora.example/tools/kubernetes/internal/request"
)

// admissionChain holds those default admission plugins that decide by the object alone, in the server's order
// (pkg/kubeapiserver/options, AllOrderedPlugins). What the others decide depends on the state of a cluster.
type admissionChain struct {
	plugins []admission.Interface
	err     error
}

var chain = sync.OnceValue(newChain)

// admitted are the resources that a plugin of the chain looks at.
var admitted = map[string]bool{
	"nodes": true, "pods": true, "persistentvolumes": true, "persistentvolumeclaims": true, "volumeattributesclasses": true, "certificatesigningrequests": true,
}

func newChain() *admissionChain {
	registered := admission.NewPlugins()
	nodetaint.Register(registered)
	priority.Register(registered)
	defaulttolerationseconds.Register(registered)
	storageobjectinuseprotection.Register(registered)
	subjectrestriction.Register(registered)
	known := informers.NewSharedInformerFactory(nil, 0)
	classes := known.Scheduling().V1().PriorityClasses().Informer().GetStore()
	c := &admissionChain{}
	for _, class := range scheduling.SystemPriorityClasses() {
		class = class.DeepCopy()
		legacyscheme.Scheme.Default(class)
		if c.err = classes.Add(class); c.err != nil {
			return c
		}
	}
	for _, name := range []string{
		nodetaint.PluginName, priority.PluginName, defaulttolerationseconds.PluginName, storageobjectinuseprotection.PluginName, subjectrestriction.PluginName,
	} {
		plugin, err := registered.InitPlugin(name, nil, clusterless{known})
		if err != nil {
			c.err = err
			return c
		}
		c.plugins = append(c.plugins, plugin)
	}
	return c
}

// clusterless gives plugins what they ask for, of a cluster that holds only what every server makes itself.
type clusterless struct {
	informers informers.SharedInformerFactory
}

// Initialize implements admission.PluginInitializer.
func (c clusterless) Initialize(plugin admission.Interface) {
	if wants, ok := plugin.(initializer.WantsFeatures); ok {
		wants.InspectFeatureGates(utilfeature.DefaultFeatureGate)
	}
	if wants, ok := plugin.(initializer.WantsExternalKubeClientSet); ok {
		wants.SetExternalKubeClientSet(struct{ kubernetes.Interface }{})
	}
	if wants, ok := plugin.(initializer.WantsExternalKubeInformerFactory); ok {
		wants.SetExternalKubeInformerFactory(c.informers)
	}
}

// admit runs the mutating half of the chain on a new object, or on a changed one when old is given.
func (k *Kind) admit(ctx context.Context, object *Object, old runtime.Object) error {
	if !admitted[k.Resource] {
		return nil
	}
	if pod, ok := object.Internal.(*api.Pod); ok {
		account(pod)
	}
	return k.each(object, old, func(plugin admission.Interface, attributes admission.Attributes) error {
		if mutating, ok := plugin.(admission.MutationInterface); ok {
			return mutating.Admit(ctx, attributes, nil)
		}
		return nil
	})
}

// validate runs the other half, after the strategy.
func (k *Kind) validate(ctx context.Context, object *Object) error {
	if !admitted[k.Resource] {
		return nil
	}
	return k.each(object, nil, func(plugin admission.Interface, attributes admission.Attributes) error {
		if validating, ok := plugin.(admission.ValidationInterface); ok {
			return validating.Validate(ctx, attributes, nil)
		}
		return nil
	})
}

func (k *Kind) each(object *Object, old runtime.Object, act func(admission.Interface, admission.Attributes) error) error {
	c := chain()
	if c.err != nil {
		return c.err
	}
	operation, options := admission.Create, runtime.Object(&metav1.CreateOptions{})
	if old != nil {
		operation, options = admission.Update, &metav1.UpdateOptions{}
	}
	attributes := admission.NewAttributesRecord(object.Internal, old, object.GVK, object.Namespace, request.Accessor(object.Internal).GetName(),
		k.GVR(object.GVK.Version), "", operation, options, false, request.Administrator)
	for _, plugin := range c.plugins {
		if !plugin.Handles(operation) || classed(plugin, object.Internal) {
			continue
		}
		if err := act(plugin, attributes); err != nil {
			return err
		}
	}
	return nil
}

// classed reports whether a plugin would look for a priority class of the cluster's own: which ones it has is not known here.
func classed(plugin admission.Interface, object runtime.Object) bool {
	_, priorities := plugin.(*priority.Plugin)
	pod, ok := object.(*api.Pod)
	return priorities && ok && pod.Spec.PriorityClassName != "" && !slices.ContainsFunc(scheduling.SystemPriorityClasses(),
		func(class *schedulingv1.PriorityClass) bool { return class.Name == pod.Spec.PriorityClassName })
}

// account gives a pod the account that plugin/pkg/admission/serviceaccount gives it; what else that plugin mounts depends on the account.
func account(pod *api.Pod) {
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = "default"
	}
}
