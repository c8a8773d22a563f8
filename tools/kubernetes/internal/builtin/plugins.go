package builtin

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	restclient "k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	api "k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/helper"
	"k8s.io/kubernetes/pkg/apis/node"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	schedulingv1 "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/pkg/apis/storage"
	"k8s.io/kubernetes/plugin/pkg/admission/certificates/subjectrestriction"
	"k8s.io/kubernetes/plugin/pkg/admission/defaulttolerationseconds"
	"k8s.io/kubernetes/plugin/pkg/admission/nodetaint"
	"k8s.io/kubernetes/plugin/pkg/admission/priority"
	"k8s.io/kubernetes/plugin/pkg/admission/runtimeclass"
	"k8s.io/kubernetes/plugin/pkg/admission/storage/persistentvolume/resize"
	"k8s.io/kubernetes/plugin/pkg/admission/storage/storageclass/setdefault"
	"k8s.io/kubernetes/plugin/pkg/admission/storage/storageobjectinuseprotection"

	"aurora.example/tools/kubernetes/internal/linked"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
)

// plugins are those default admission plugins that decide by the object and by given classes, in the server's order
// (pkg/kubeapiserver/options, AllOrderedPlugins). What the others decide depends on the state of a cluster.
var plugins = []struct {
	name     string
	register func(*admission.Plugins)
	// about points at the field whose value a refusal is about.
	about string
}{
	{nodetaint.PluginName, nodetaint.Register, ""},
	{priority.PluginName, priority.Register, ""},
	{defaulttolerationseconds.PluginName, defaulttolerationseconds.Register, ""},
	{setdefault.PluginName, setdefault.Register, ""},
	{storageobjectinuseprotection.PluginName, storageobjectinuseprotection.Register, ""},
	{resize.PluginName, resize.Register, "/spec/resources/requests/storage"},
	{runtimeclass.PluginName, runtimeclass.Register, "/spec/overhead"},
	{subjectrestriction.PluginName, subjectrestriction.Register, ""},
}

// admitted are the resources that a plugin of the chain looks at.
var admitted = map[string]bool{
	"nodes": true, "pods": true, "persistentvolumes": true, "persistentvolumeclaims": true, "volumeattributesclasses": true, "certificatesigningrequests": true,
}

// classes are what plugins look up in the cluster: its own system classes, and those that the input gives.
type classes struct {
	informers.SharedInformerFactory
}

const (
	priorityClasses = "priorityclasses"
	runtimeClasses  = "runtimeclasses"
	storageClasses  = "storageclasses"
)

var groups = map[string]string{priorityClasses: scheduling.GroupName, runtimeClasses: node.GroupName, storageClasses: storage.GroupName}

// store holds the classes of one resource.
func (c classes) store(resource string) cache.Store {
	informer, err := c.ForResource(schema.GroupVersionResource{Group: groups[resource], Version: "v1", Resource: resource})
	if err != nil {
		panic(err)
	}
	return informer.Informer().GetStore()
}

func (c classes) lack(resource, name string) bool {
	_, known, err := c.store(resource).GetByKey(name)
	return err != nil || !known
}

// AddClass makes a StorageClass, RuntimeClass or PriorityClass of the input known, and ignores any other object.
func (t *Table) AddClass(document *manifest.Document) error {
	kind, known := t.Find(document.GVK.GroupKind())
	if !known || groups[kind.Resource] != kind.Group || kind.Group == "" {
		return nil
	}
	object, usable := kind.Decode(document)
	if !usable {
		return errors.New(object.Findings[len(object.Findings)-1].Message)
	}
	return t.classes.store(kind.Resource).Add(object.Defaulted)
}

// chain makes the plugins; it is used on first need.
func (c classes) chain() ([]admission.Interface, error) {
	for _, class := range schedulingv1.SystemPriorityClasses() {
		class = class.DeepCopy()
		legacyscheme.Scheme.Default(class)
		if err := c.store(priorityClasses).Add(class); err != nil {
			return nil, err
		}
	}
	client, err := kubernetes.NewForConfig(&restclient.Config{})
	if err != nil {
		return nil, err
	}
	registered, made := admission.NewPlugins(), make([]admission.Interface, len(plugins))
	given := linked.Initializer(client, c)
	for i, plugin := range plugins {
		plugin.register(registered)
		if made[i], err = registered.InitPlugin(plugin.name, nil, given); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// admit runs the mutating half of the chain on a new object, or on a changed one when old is given.
func (k *Kind) admit(ctx context.Context, object *Object, old runtime.Object) error {
	if !admitted[k.Resource] {
		return nil
	}
	if pod, ok := object.Internal.(*api.Pod); ok {
		account(pod)
	}
	return k.each(ctx, object, old, func(plugin admission.Interface, attributes admission.Attributes) error {
		if mutating, ok := plugin.(admission.MutationInterface); ok {
			return mutating.Admit(ctx, attributes, nil)
		}
		return nil
	})
}

// validate runs the other half, after the strategy.
func (k *Kind) validate(ctx context.Context, object *Object, old runtime.Object) error {
	if !admitted[k.Resource] {
		return nil
	}
	return k.each(ctx, object, old, func(plugin admission.Interface, attributes admission.Attributes) error {
		if validating, ok := plugin.(admission.ValidationInterface); ok {
			return validating.Validate(ctx, attributes, nil)
		}
		return nil
	})
}

func (k *Kind) each(ctx context.Context, object *Object, old runtime.Object, act func(admission.Interface, admission.Attributes) error) error {
	chain, err := k.table.chain()
	if err != nil {
		return err
	}
	operation, options := admission.Create, runtime.Object(&metav1.CreateOptions{})
	if old != nil {
		operation, options = admission.Update, &metav1.UpdateOptions{}
	}
	attributes := admission.NewAttributesRecord(object.Internal, old, object.GVK, object.Namespace, request.Accessor(object.Internal).GetName(),
		k.GVR(object.GVK.Version), "", operation, options, false, request.Administrator)
	for i, plugin := range chain {
		if !plugin.Handles(operation) || k.table.classes.unknown(ctx, plugins[i].name, object.Internal, old) {
			continue
		}
		if err := act(plugin, attributes); err != nil {
			return refusal{err, plugins[i].about}
		}
	}
	return nil
}

// refusal is that of a plugin, which names the field only in words.
type refusal struct {
	error
	pointer string
}

// Unwrap gives the error in the server's words.
func (r refusal) Unwrap() error { return r.error }

// unknown reports whether a plugin would look up a class that is not given; a gap is noted where the answer decides.
func (c classes) unknown(ctx context.Context, plugin string, object, old runtime.Object) bool {
	switch o := object.(type) {
	case *api.Pod:
		switch class := o.Spec.RuntimeClassName; plugin {
		case priority.PluginName:
			return o.Spec.PriorityClassName != "" && c.lack(priorityClasses, o.Spec.PriorityClassName)
		case runtimeclass.PluginName:
			if class == nil || !c.lack(runtimeClasses, *class) {
				return false
			}
			if o.Spec.Overhead != nil {
				request.Gap(ctx, fmt.Sprintf("`overhead` has to be that of RuntimeClass `%s`, which is not given", *class))
			}
			return true
		}
	case *api.PersistentVolumeClaim:
		was, changed := old.(*api.PersistentVolumeClaim)
		if !changed || plugin != resize.PluginName {
			return false
		}
		class := helper.GetPersistentVolumeClaimClass(was)
		if class == "" || !c.lack(storageClasses, class) {
			return false
		}
		if o.Spec.Resources.Requests.Storage().Cmp(*was.Spec.Resources.Requests.Storage()) > 0 {
			request.Gap(ctx, fmt.Sprintf("whether the claim may grow depends on StorageClass `%s`, which is not given", class))
		}
		return true
	}
	return false
}

// ValidatePod runs the server's validation of a new pod, which it may change.
func (t *Table) ValidatePod(ctx context.Context, pod *api.Pod) field.ErrorList {
	strategy := t.kinds[schema.GroupKind{Kind: "Pod"}].Strategy
	account(pod)
	strategy.PrepareForCreate(ctx, pod)
	return strategy.Validate(ctx, pod)
}

// account gives a pod the account that plugin/pkg/admission/serviceaccount gives it; what else that plugin mounts depends on the account.
func account(pod *api.Pod) {
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = "default"
	}
}
