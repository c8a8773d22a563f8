package custom

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	structuraldefaulting "k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	apiservervalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/unstructuredscheme"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	kubeversion "k8s.io/apimachinery/pkg/version"
	"k8s.io/apiserver/pkg/registry/rest"
)

// version is one served version of a definition, compiled as the server's customresource_handler does.
type version struct {
	kind       schema.GroupVersionKind
	resource   string
	namespaced bool
	preserve   bool
	conversion v1.ConversionStrategyType
	structural *structuralschema.Structural
	strategy   rest.RESTCreateUpdateStrategy
	deprecated string
	// fields merges server-side applies; it is made on first use.
	fields func() (*managedfields.FieldManager, error)
	// expressions finds the rule behind a message.
	expressions map[string]string
}

// served lists the versions that a definition serves.
func served(crd *v1.CustomResourceDefinition) []string {
	var names []string
	for _, v := range crd.Spec.Versions {
		if v.Served {
			names = append(names, v.Name)
		}
	}
	return names
}

// version compiles one version of the definition on first use.
func (d *definition) version(name string) (*version, error) {
	crd, err := d.get()
	if err != nil {
		return nil, err
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if known, ok := d.versions[name]; ok {
		return known, nil
	}
	index := slices.IndexFunc(crd.Spec.Versions, func(v v1.CustomResourceDefinitionVersion) bool { return v.Name == name })
	compiled, err := compile(crd, &crd.Spec.Versions[index])
	if err != nil {
		return nil, fmt.Errorf("compile version %s of `%s`: %w", name, crd.Name, err)
	}
	if d.versions == nil {
		d.versions = map[string]*version{}
	}
	d.versions[name] = compiled
	return compiled, nil
}

func compile(crd *v1.CustomResourceDefinition, v *v1.CustomResourceDefinitionVersion) (*version, error) {
	kind := schema.GroupVersionKind{Group: crd.Spec.Group, Version: v.Name, Kind: crd.Spec.Names.Kind}
	if v.Schema == nil || v.Schema.OpenAPIV3Schema == nil {
		return nil, fmt.Errorf("the version has no schema")
	}
	internal := &apiextensions.CustomResourceValidation{}
	if err := v1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(v.Schema, internal, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	structural = structural.DeepCopy()
	if err := structuraldefaulting.PruneDefaults(structural); err != nil {
		return nil, err
	}
	result := &version{
		kind: kind, resource: crd.Spec.Names.Plural, namespaced: crd.Spec.Scope == v1.NamespaceScoped,
		preserve: crd.Spec.PreserveUnknownFields, conversion: crd.Spec.Conversion.Strategy, structural: structural,
		expressions: expressions(v.Schema.OpenAPIV3Schema), deprecated: deprecation(crd, v),
	}
	result.fields = sync.OnceValues(func() (*managedfields.FieldManager, error) { return result.fieldManager(crd) })
	result.strategy, err = strategy(v, internal.OpenAPIV3Schema, result)
	return result, err
}

// strategy builds the strategy of the version's storage, CEL programs included.
func strategy(v *v1.CustomResourceDefinitionVersion, props *apiextensions.JSONSchemaProps, result *version) (rest.RESTCreateUpdateStrategy, error) {
	validator, _, err := apiservervalidation.NewSchemaValidator(props)
	if err != nil {
		return nil, err
	}
	var status *apiextensions.CustomResourceSubresourceStatus
	var scale *apiextensions.CustomResourceSubresourceScale
	var statusValidator apiservervalidation.SchemaValidator
	if v.Subresources != nil && v.Subresources.Status != nil {
		status = &apiextensions.CustomResourceSubresourceStatus{}
		if statusProps, ok := props.Properties["status"]; ok {
			if statusValidator, _, err = apiservervalidation.NewSchemaValidator(&statusProps); err != nil {
				return nil, err
			}
		}
	}
	if v.Subresources != nil && v.Subresources.Scale != nil {
		scale = &apiextensions.CustomResourceSubresourceScale{}
		if err := v1.Convert_v1_CustomResourceSubresourceScale_To_apiextensions_CustomResourceSubresourceScale(v.Subresources.Scale, scale, nil); err != nil {
			return nil, err
		}
	}
	return customresource.NewStrategy(unstructuredscheme.NewUnstructuredObjectTyper(), result.namespaced, result.kind, validator, statusValidator,
		result.structural, status, scale, v.SelectableFields), nil
}

// deprecation is the warning that the server sends for a deprecated version (apiextensions-apiserver's
// defaultDeprecationWarning): it names the newest version that is not deprecated.
func deprecation(crd *v1.CustomResourceDefinition, v *v1.CustomResourceDefinitionVersion) string {
	if !v.Deprecated {
		return ""
	}
	if v.DeprecationWarning != nil {
		return *v.DeprecationWarning
	}
	newest := v.Name
	for _, other := range crd.Spec.Versions {
		if other.Served && !other.Deprecated && kubeversion.CompareKubeAwareVersionStrings(newest, other.Name) < 0 {
			newest = other.Name
		}
	}
	text := fmt.Sprintf("%s/%s %s is deprecated", crd.Spec.Group, v.Name, crd.Spec.Names.Kind)
	if newest != v.Name {
		text += fmt.Sprintf("; use %s/%s %s", crd.Spec.Group, newest, crd.Spec.Names.Kind)
	}
	return text
}

// expressions maps the message of every rule to its expression; a message that two rules share maps to both.
func expressions(props *v1.JSONSchemaProps) map[string]string {
	found := map[string]string{}
	walkProps(props, func(p *v1.JSONSchemaProps) {
		for _, rule := range p.XValidations {
			message := strings.TrimSpace(rule.Message)
			if message != "" && !strings.Contains(found[message], rule.Rule) {
				found[message] = strings.TrimPrefix(found[message]+" | "+rule.Rule, " | ")
			}
		}
	})
	return found
}

// walkProps visits schemas by position, never by key name: properties may be called anything.
func walkProps(props *v1.JSONSchemaProps, visit func(*v1.JSONSchemaProps)) {
	if props == nil {
		return
	}
	visit(props)
	for name := range props.Properties {
		child := props.Properties[name]
		walkProps(&child, visit)
	}
	if props.Items != nil {
		walkProps(props.Items.Schema, visit)
	}
	if props.AdditionalProperties != nil {
		walkProps(props.AdditionalProperties.Schema, visit)
	}
}
