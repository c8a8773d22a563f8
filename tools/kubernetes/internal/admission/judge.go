package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/policy/generic"
	"k8s.io/apiserver/pkg/admission/plugin/policy/matching"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/warning"
	"k8s.io/kubernetes/pkg/kubeapiserver/admission/exclusion"
	"k8s.io/utils/ptr"

	"aurora.example/tools/kubernetes/internal/finding"
	"aurora.example/tools/kubernetes/internal/request"
)

// Subject is the object of one request.
type Subject struct {
	Object, Old     runtime.Object
	Kind            schema.GroupVersionKind
	Resource        schema.GroupVersionResource
	Namespace, Name string
	Scheme          *runtime.Scheme
}

// NotJudged names a binding that could not be evaluated, and why.
type NotJudged struct {
	Policy  string `json:"policy"`
	Binding string `json:"binding"`
	Why     string `json:"why"`
}

// Judge evaluates every binding of every known policy on one object.
func (p *Policies) Judge(ctx context.Context, subject Subject, labels Labels) (found []finding.Finding, not []NotJudged) {
	if slices.Contains(exclusion.Excluded(), subject.Resource.GroupResource()) {
		return nil, nil
	}
	pairs, orphans := p.pairs()
	for _, name := range orphans {
		not = append(not, NotJudged{Binding: name, Why: "its policy is not in the input"})
	}
	matcher := generic.NewPolicyMatcher(matching.NewMatcher(lister{labels: labels}, nil))
	for _, one := range pairs {
		run := &run{policies: p, pair: one, subject: subject, labels: labels, matcher: matcher}
		findings, why := run.judge(ctx)
		found = append(found, findings...)
		if why != "" {
			not = append(not, NotJudged{one.policy.definition.Name, one.binding.Name, why})
		}
	}
	return found, not
}

// run is the evaluation of one binding on one object.
type run struct {
	policies *Policies
	pair     pair
	subject  Subject
	labels   Labels
	matcher  generic.PolicyMatcher
	audited  []string
}

func (r *run) judge(ctx context.Context) ([]finding.Finding, string) {
	objects := admission.NewObjectInterfacesFromScheme(r.subject.Scheme)
	attributes := &attributes{Attributes: r.attributes(), run: r}
	definition := r.pair.policy.definition
	if why := r.needsNamespace(); why != "" {
		return nil, why
	}
	matches, _, _, err := r.matcher.DefinitionMatches(attributes, objects, validating.NewValidatingAdmissionPolicyAccessor(definition))
	if err == nil && matches {
		matches, err = r.matcher.BindingMatches(attributes, objects, validating.NewValidatingAdmissionPolicyBindingAccessor(r.pair.binding))
	}
	if err == nil && !matches {
		return nil, ""
	}
	hook := validating.PolicyHook{Policy: definition, Bindings: []*admissionv1.ValidatingAdmissionPolicyBinding{r.pair.binding}}
	if why := r.params(&hook); why != "" {
		return nil, why
	}
	if why := clusterBound(definition); why != "" {
		return nil, why
	}
	hook.Evaluator = r.pair.policy.compiled()
	recorder := &finding.Recorder{}
	dispatcher := validating.NewDispatcher(authorizerfactory.NewAlwaysAllowAuthorizer(), r.matcher)
	err = dispatcher.Dispatch(warning.WithWarningRecorder(ctx, recorder), attributes, objects, []validating.PolicyHook{hook})
	return r.findings(err, recorder), ""
}

func (r *run) attributes() admission.Attributes {
	operation, options := admission.Create, runtime.Object(&metav1.CreateOptions{})
	if r.subject.Old != nil {
		operation, options = admission.Update, &metav1.UpdateOptions{}
	}
	return admission.NewAttributesRecord(r.subject.Object, r.subject.Old, r.subject.Kind, r.subject.Namespace, r.subject.Name,
		r.subject.Resource, "", operation, options, false, request.Administrator)
}

// needsNamespace says when the verdict hangs on labels of a namespace that nobody described.
func (r *run) needsNamespace() string {
	if r.subject.Namespace == "" {
		return ""
	}
	if _, known := r.labels(r.subject.Namespace); known {
		return ""
	}
	var selectors []*metav1.LabelSelector
	if constraints := r.pair.policy.definition.Spec.MatchConstraints; constraints != nil {
		selectors = append(selectors, constraints.NamespaceSelector)
	}
	if r.pair.binding.Spec.MatchResources != nil {
		selectors = append(selectors, r.pair.binding.Spec.MatchResources.NamespaceSelector)
	}
	for _, selector := range selectors {
		if selector != nil && len(selector.MatchLabels)+len(selector.MatchExpressions) > 0 {
			return fmt.Sprintf("it selects namespaces by label, and nothing is known of namespace %q", r.subject.Namespace)
		}
	}
	return ""
}

// params gives the hook its parameters; a parameter that the input lacks may be in the cluster.
func (r *run) params(hook *validating.PolicyHook) string {
	kind := hook.Policy.Spec.ParamKind
	if kind == nil || r.pair.binding.Spec.ParamRef == nil {
		return ""
	}
	source, gvk := r.policies.paramInformer(kind)
	if source == nil {
		return fmt.Sprintf("the input holds no parameters of kind %s", gvk.GroupKind())
	}
	hook.ParamInformer, hook.ParamScope = source, meta.RESTScopeRoot
	if namespaced, known := r.policies.scope(gvk); namespaced || !known {
		hook.ParamScope = meta.RESTScopeNamespace
	}
	// What to do without a parameter is not asked yet: the cluster may have it.
	allow := admissionv1.AllowAction
	reference := r.pair.binding.Spec.ParamRef.DeepCopy()
	reference.ParameterNotFoundAction = &allow
	params, err := generic.CollectParams(kind, source, hook.ParamScope, reference, r.subject.Namespace)
	if err == nil && len(params) == 0 {
		return fmt.Sprintf("no parameter that the binding names is in the input; if the cluster has none either, parameterNotFoundAction is %s",
			ptr.Deref(r.pair.binding.Spec.ParamRef.ParameterNotFoundAction, admissionv1.DenyAction))
	}
	return ""
}

// clusterBound says when a policy asks for what only a cluster knows.
func clusterBound(definition *admissionv1.ValidatingAdmissionPolicy) string {
	var texts []string
	for _, v := range definition.Spec.Validations {
		texts = append(texts, v.Expression)
	}
	for _, c := range definition.Spec.MatchConditions {
		texts = append(texts, c.Expression)
	}
	for _, v := range definition.Spec.Variables {
		texts = append(texts, v.Expression)
	}
	for _, text := range texts {
		for _, word := range []string{"authorizer", "request.userInfo", "namespaceObject.status"} {
			if strings.Contains(text, word) {
				return fmt.Sprintf("it asks for `%s`, which only a cluster knows", word)
			}
		}
	}
	return ""
}

// findings gathers denial, warnings and audit records, each in the server's words.
func (r *run) findings(denied error, recorder *finding.Recorder) []finding.Finding {
	found := recorder.Findings(finding.AdmissionDenied, nil)
	for _, text := range r.audited {
		found = append(found, finding.Finding{Rule: finding.AdmissionDenied, Severity: finding.Info, Message: text})
	}
	if denied != nil {
		found = append(found, finding.FromError(finding.AdmissionDenied, denied, nil)...)
	}
	for i := range found {
		found[i].Policy, found[i].Binding = r.pair.policy.definition.Name, r.pair.binding.Name
	}
	return found
}

// attributes keeps the audit records that the dispatcher writes.
type attributes struct {
	admission.Attributes
	run *run
}

// AddAnnotation implements admission.Attributes.
func (a *attributes) AddAnnotation(key, value string) error {
	a.run.audited = append(a.run.audited, key+": "+value)
	return nil
}
