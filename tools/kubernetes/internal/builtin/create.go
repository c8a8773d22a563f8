package builtin

import (
	"context"
	encodingjson "encoding/json"
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apiserver/pkg/registry/rest"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
)

// Object is a manifest on its way through the server.
type Object struct {
	Kind *Kind
	GVK  schema.GroupVersionKind
	// Decoded is the manifest in its own version, nothing filled in.
	Decoded runtime.Object
	// Defaulted is Decoded with the defaults of its version.
	Defaulted runtime.Object
	// Internal is what the registry works on; after Create or Update it is what would be stored.
	Internal runtime.Object
	// Namespace is that of the request.
	Namespace string
	Findings  []finding.Finding
	// Gaps are questions to the cluster whose answers were assumed.
	Gaps []string
}

var serializers sync.Map

// serializer reads JSON strictly: unknown and duplicate fields are errors beside a decoded object.
func serializer(scheme *runtime.Scheme) runtime.Serializer {
	if s, ok := serializers.Load(scheme); ok {
		return s.(runtime.Serializer)
	}
	s := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Strict: true})
	serializers.Store(scheme, s)
	return s
}

// Decode reads, defaults and converts a manifest; usable is false when nothing can be judged beyond that.
func (k *Kind) Decode(document *manifest.Document) (object *Object, usable bool) {
	object = &Object{Kind: k, GVK: document.GVK}
	decoded, _, err := serializer(k.Scheme).Decode(document.JSON, nil, nil)
	if err != nil {
		strict, ok := finding.FromStrict(err, document.Tree())
		if !ok || decoded == nil {
			object.Findings = append(object.Findings, k.malformed(document, err))
			return object, false
		}
		object.Findings = append(object.Findings, strict...)
	}
	object.Decoded = decoded
	object.Defaulted = decoded.DeepCopyObject()
	if err := k.convert(object); err != nil {
		object.Findings = append(object.Findings, finding.FromError(finding.CreateRefused, err, document.Tree())...)
		return object, false
	}
	return object, true
}

// convert defaults the versioned object and makes the internal one.
func (k *Kind) convert(object *Object) error {
	k.Scheme.Default(object.Defaulted)
	internal, err := k.Scheme.ConvertToVersion(object.Defaulted, schema.GroupVersion{Group: k.Group, Version: runtime.APIVersionInternal})
	if err != nil {
		return err
	}
	object.Internal = internal
	object.Namespace = request.Namespace(request.Accessor(internal), k.Strategy.NamespaceScoped())
	return nil
}

// malformed says why decoding failed and searches the value to blame.
func (k *Kind) malformed(document *manifest.Document, err error) finding.Finding {
	pointer := finding.Culprit(document.Copy(), func(tree map[string]any) error {
		data, err := encodingjson.Marshal(tree)
		if err != nil {
			return err
		}
		_, _, err = serializer(k.Scheme).Decode(data, nil, nil)
		if runtime.IsStrictDecodingError(err) {
			return nil
		}
		return err
	})
	return finding.Finding{Rule: finding.Malformed, Severity: finding.Error, Message: err.Error(), Type: "FieldValueInvalid", Pointer: pointer}
}

// Create runs what the server runs when the object does not exist yet.
func (k *Kind) Create(ctx context.Context, object *Object, document *manifest.Document) {
	tree := document.Tree()
	recorder := &finding.Recorder{}
	ctx, gaps := request.WithGaps(ctx)
	access := request.Accessor(object.Internal)
	object.Findings = append(object.Findings, finding.Claims(k.GVR("").GroupResource(), access)...)
	request.FillMetadata(access)
	ctx = request.Context(ctx, k.target(object, "create", access.GetName()), recorder)
	if err := k.create(ctx, object); err != nil {
		object.Findings = append(object.Findings, refused(finding.CreateRefused, err, document)...)
	}
	object.Gaps = gaps.Whys()
	object.Findings = append(object.Findings, k.applicable(object, document)...)
	object.Findings = append(object.Findings, recorder.Findings(finding.ServerWarning, tree)...)
}

// create runs the admission plugins that need no cluster, the storage hooks and the strategy, in the server's order.
func (k *Kind) create(ctx context.Context, object *Object) error {
	internal := object.Internal
	if err := k.admit(ctx, object, nil); err != nil {
		return err
	}
	if k.Begin != nil {
		if _, err := k.Begin(internal).BeginCreate(ctx, internal, &metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	if err := rest.BeforeCreate(k.Strategy, ctx, internal); err != nil {
		return err
	}
	return k.validate(ctx, object, nil)
}

func (k *Kind) target(object *Object, verb, name string) request.Target {
	return request.Target{
		Group: k.Group, Version: object.GVK.Version, Resource: k.Resource,
		Verb: verb, Namespace: object.Namespace, Name: name,
	}
}

// Versioned returns an internal object in the version of the manifest, with its apiVersion and kind, as the server reads it
// back from its storage: defaulted once more, since the strategy may have emptied fields that have defaults.
func (k *Kind) Versioned(internal runtime.Object, gvk schema.GroupVersionKind) (runtime.Object, error) {
	versioned, err := k.Scheme.ConvertToVersion(internal, gvk.GroupVersion())
	if err != nil {
		return nil, fmt.Errorf("convert to %s: %w", gvk.GroupVersion(), err)
	}
	k.Scheme.Default(versioned)
	versioned.GetObjectKind().SetGroupVersionKind(gvk)
	return versioned, nil
}

// Tree returns a typed object as nested maps.
func Tree(object runtime.Object) (map[string]any, error) {
	return runtime.DefaultUnstructuredConverter.ToUnstructured(object)
}
