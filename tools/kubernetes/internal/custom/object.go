package custom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	schemaobjectmeta "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	structuralpruning "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
	kjson "sigs.k8s.io/json"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/manifest"
	"aurora.example/tools/kubernetes/internal/request"
	"aurora.example/tools/kubernetes/internal/update"
)

// Object is a custom object on its way through the server.
type Object struct {
	// Content is what would be stored once Create has run.
	Content   *unstructured.Unstructured
	Resource  schema.GroupVersionResource
	Namespace string
	Findings  []finding.Finding

	version *version
}

// ErrUnknown means that no definition of the kind is known.
var ErrUnknown = errors.New("no definition of the kind is known")

// ErrDefinition means that the definition of the kind cannot be used.
var ErrDefinition = errors.New("the definition of the kind cannot be used")

// Resolve finds the compiled version of a kind; refused is what the server would say when it serves others.
func (d *Definitions) resolve(gvk schema.GroupVersionKind) (compiled *version, refused *finding.Finding, err error) {
	known, ok := d.find(gvk.GroupKind())
	if !ok {
		return nil, nil, ErrUnknown
	}
	crd, err := known.get()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	versions := served(crd)
	if !slices.Contains(versions, gvk.Version) {
		return nil, &finding.Finding{
			Rule: finding.NotServed, Severity: finding.Error, Pointer: "/apiVersion", Field: "apiVersion", Type: "FieldValueNotSupported",
			Message: fmt.Sprintf("version %q of %s is not served by its definition; served: %s", gvk.Version, gvk.GroupKind(), strings.Join(versions, ", ")),
		}, nil
	}
	compiled, err = known.version(gvk.Version)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrDefinition, err)
	}
	return compiled, nil, nil
}

// Create runs what the server runs when the object does not exist yet. A nil Content means that the server
// refuses the object before it looks at its fields.
func (d *Definitions) Create(ctx context.Context, document *manifest.Document) (*Object, error) {
	compiled, refused, err := d.resolve(document.GVK)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return &Object{Findings: []finding.Finding{*refused}}, nil
	}
	object := compiled.read(document)
	if object.Content == nil {
		return object, nil
	}
	recorder := &finding.Recorder{}
	object.Findings = append(object.Findings, finding.Claims(object.Resource.GroupResource(), object.Content)...)
	request.FillMetadata(object.Content)
	ctx = request.Context(ctx, object.target("create"), recorder)
	if err := rest.BeforeCreate(compiled.strategy, ctx, object.Content); err != nil {
		object.Findings = append(object.Findings, compiled.refused(finding.CreateRefused, err, document)...)
	}
	object.Findings = append(object.Findings, recorder.Findings(finding.ServerWarning, document.Tree())...)
	if !finding.Refused(object.Findings) && holdsNull(document.Tree()) {
		object.Findings = append(object.Findings, compiled.nulls(ctx, document)...)
	}
	// The server defaults again what it reads back: the strategy empties a status that has defaults.
	structuraldefaulting.Default(object.Content.Object, compiled.structural)
	return object, nil
}

// nulls says what a server-side apply refuses that a plain creation accepts: decoding drops null where the schema does not
// allow it, merging keeps it (customresource_handler, schemaCoercingDecoder and the field manager).
func (v *version) nulls(ctx context.Context, document *manifest.Document) []finding.Finding {
	content, err := update.Apply(v, nil, document)
	if err == nil {
		object := v.object(content)
		request.FillMetadata(object.Content)
		err = rest.BeforeCreate(v.strategy, ctx, object.Content)
	}
	if err == nil {
		return nil
	}
	return finding.Ways(nil, v.refused(finding.CreateRefused, err, document))
}

func holdsNull(value any) bool {
	switch v := value.(type) {
	case map[string]any:
		for _, child := range v {
			if holdsNull(child) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, holdsNull)
	}
	return value == nil
}

// read decodes, prunes and defaults as the handler's schemaCoercingDecoder and unstructuredDefaulter do.
func (v *version) read(document *manifest.Document) *Object {
	object := &Object{version: v, Resource: schema.GroupVersionResource{Group: v.kind.Group, Version: v.kind.Version, Resource: v.resource}}
	tree := map[string]any{}
	strict, err := kjson.UnmarshalStrict(document.JSON, &tree)
	if err != nil {
		object.Findings = append(object.Findings, finding.Finding{Rule: finding.Malformed, Severity: finding.Error, Message: err.Error()})
		return object
	}
	if len(strict) > 0 {
		duplicates, _ := finding.FromStrict(runtime.NewStrictDecodingError(strict), document.Tree())
		object.Findings = append(object.Findings, duplicates...)
	}
	unknown, err := v.coerce(tree)
	if err != nil {
		object.Findings = append(object.Findings, finding.Finding{
			Rule: finding.Malformed, Severity: finding.Error, Message: err.Error(), Pointer: "/metadata",
		})
		return object
	}
	for _, path := range unknown {
		object.Findings = append(object.Findings, finding.Unknown(path, document.Tree()))
	}
	structuraldefaulting.Default(tree, v.structural)
	if v.deprecated != "" {
		object.Findings = append(object.Findings, finding.Finding{
			Rule: finding.Deprecated, Severity: finding.Warning, Message: v.deprecated, Pointer: "/apiVersion", Field: "apiVersion",
		})
	}
	object.Content = &unstructured.Unstructured{Object: tree}
	object.Namespace = request.Namespace(object.Content, v.namespaced)
	return object
}

// coerce drops what the server drops, and returns the paths of it.
func (v *version) coerce(tree map[string]any) ([]string, error) {
	apiVersion, kind := tree["apiVersion"], tree["kind"]
	metadata, found, unknown, err := schemaobjectmeta.GetObjectMetaWithOptions(tree, schemaobjectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return nil, err
	}
	if !v.preserve {
		options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
		unknown = append(unknown, structuralpruning.PruneWithOptions(tree, v.structural, true, options)...)
		structuraldefaulting.PruneNonNullableNullsWithoutDefaults(tree, v.structural)
	}
	fieldErr, paths := schemaobjectmeta.CoerceWithOptions(nil, tree, v.structural, false, schemaobjectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if fieldErr != nil {
		return nil, fieldErr
	}
	unknown = append(unknown, paths...)
	tree["apiVersion"], tree["kind"] = apiVersion, kind
	if found {
		return unknown, schemaobjectmeta.SetObjectMeta(tree, metadata)
	}
	return unknown, nil
}

func (o *Object) target(verb string) request.Target {
	return request.Target{
		Group: o.Resource.Group, Version: o.Resource.Version, Resource: o.Resource.Resource,
		Verb: verb, Namespace: o.Namespace, Name: o.Content.GetName(),
	}
}

// refused adds to each finding the expression of the rule that failed.
func (v *version) refused(rule finding.Rule, err error, document *manifest.Document) []finding.Finding {
	found := finding.FromError(rule, err, document.Tree())
	for i := range found {
		found[i].Expression = v.expression(found[i].Message)
	}
	return found
}

// expression finds the rule behind a message: the server prints the expression of a rule without message
// (apiextensions-apiserver's cel.ruleMessageOrDefault), and the message of any other.
func (v *version) expression(message string) string {
	if _, rule, ok := strings.Cut(message, "failed rule: "); ok {
		return rule
	}
	best := ""
	for text := range v.expressions {
		if strings.HasSuffix(message, ": "+text) && len(text) > len(best) {
			best = text
		}
	}
	return v.expressions[best]
}
