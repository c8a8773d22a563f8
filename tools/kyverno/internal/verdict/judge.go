package verdict

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	celengine "github.com/kyverno/kyverno/pkg/cel/engine"
	engineapi "github.com/kyverno/kyverno/pkg/engine/api"
	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"aurora.example/tools/kyverno/internal/kind"
	"aurora.example/tools/kyverno/internal/policy"
	"aurora.example/tools/protocol"
)

// validationKey is where Kyverno puts the index of the validation that decided.
const validationKey = "cel.validationIndex"

// judge asks every policy about one object.
func (s *Session) judge(ctx context.Context, body json.RawMessage) (any, error) {
	var j Judge
	if err := protocol.Decode(body, &j); err != nil {
		return nil, err
	}
	if s.engine == nil {
		return nil, &protocol.Problem{Reason: ReasonUnconfigured, Message: "no `configure` with `policies` came before"}
	}
	subject, err := s.subject(j)
	if err != nil {
		return nil, err
	}
	response, err := s.engine.Handle(ctx, s.request(subject), nil)
	if err != nil {
		return nil, err
	}
	verdict, err := s.verdict(subject, response)
	if err != nil {
		return nil, err
	}
	return verdict, s.addRules(ctx, verdict, subject)
}

// addRules adds what the ClusterPolicies say.
func (s *Session) addRules(ctx context.Context, verdict *Verdict, subject *subject) error {
	for _, p := range s.policies {
		if p.Cluster == nil {
			continue
		}
		results, err := s.judgeRules(ctx, p, subject)
		if err != nil {
			return err
		}
		verdict.Results = append(verdict.Results, results...)
		if len(results) == 0 {
			verdict.Unmatched = append(verdict.Unmatched, p.Name)
		}
	}
	return nil
}

// request makes the request that the API server would send about the object.
func (s *Session) request(subject *subject) celengine.EngineRequest {
	var object, old runtime.Object
	if subject.object != nil {
		object = subject.object
	}
	if subject.old != nil {
		old = subject.old
	}
	return celengine.Request(
		s.context, subject.present().GroupVersionKind(), subject.resource.GVR(), "", subject.present().GetName(),
		subject.namespace, admissionv1.Operation(subject.operation), authenticationv1.UserInfo{}, object, old, false, nil,
	)
}

// verdict sorts Kyverno's answers, which come in the order of the compiled variants.
func (s *Session) verdict(subject *subject, response celengine.EngineResponse) (*Verdict, error) {
	if len(response.Policies) != len(s.variants) {
		return nil, fmt.Errorf("kyverno answered for %d policies of %d", len(response.Policies), len(s.variants))
	}
	verdict := &Verdict{
		Resource: subject.name(), Operation: subject.operation, Results: []Result{}, Unmatched: []string{},
	}
	matched := map[string]bool{}
	for i, answer := range response.Policies {
		for _, rule := range answer.Rules {
			result, err := resultOf(s.variants[i], rule)
			if err != nil {
				return nil, err
			}
			matched[result.Policy] = true
			verdict.Results = append(verdict.Results, result)
		}
	}
	for _, p := range s.policies {
		if p.Cluster == nil && !matched[p.Name] {
			verdict.Unmatched = append(verdict.Unmatched, p.Name)
		}
	}
	return verdict, nil
}

// outcomes are the statuses that a validating policy may give.
var outcomes = map[engineapi.RuleStatus]Outcome{
	engineapi.RuleStatusPass: Pass, engineapi.RuleStatusFail: Fail,
	engineapi.RuleStatusError: Error, engineapi.RuleStatusSkip: Skip,
}

func resultOf(variant policy.Variant, rule engineapi.RuleResponse) (Result, error) {
	outcome, known := outcomes[rule.Status()]
	if !known {
		return Result{}, fmt.Errorf("policy `%s` gave the unknown status `%s`", variant.Policy.Name, rule.Status())
	}
	result := Result{Policy: variant.Policy.Name, Autogen: variant.Autogen, Result: outcome, Message: rule.Message()}
	for _, exception := range rule.Exceptions() {
		result.Exceptions = append(result.Exceptions, policy.Key(exception))
	}
	if outcome == Skip {
		result.Skipped = "matchConditions"
		if len(result.Exceptions) > 0 {
			result.Skipped = "exception"
		}
	}
	properties := maps.Clone(rule.Properties())
	if index, err := strconv.Atoi(properties[validationKey]); err == nil {
		result.Validation = &index
		delete(properties, validationKey)
	}
	if len(properties) > 0 {
		result.AuditAnnotations = properties
	}
	return result, nil
}

// subject is an object as admission sees it: what comes, what is there, and where it lies.
type subject struct {
	object, old *unstructured.Unstructured
	resource    kind.Resource
	namespace   string
	operation   Operation
}

// present is the object that exists: the new one, or the one that is being deleted.
func (s *subject) present() *unstructured.Unstructured {
	if s.object != nil {
		return s.object
	}
	return s.old
}

func (s *subject) name() Resource {
	present := s.present()
	gvk := present.GroupVersionKind()
	return Resource{
		Group: gvk.Group, Version: gvk.Version, Kind: gvk.Kind, Resource: s.resource.Plural,
		Namespace: s.namespace, Name: present.GetName(),
	}
}

// subject reads the body of `judge`; every object without a verdict gets a reason.
func (s *Session) subject(j Judge) (*subject, error) {
	object, err := readObject("object", j.Object)
	if err != nil {
		return nil, err
	}
	result := &subject{object: object, operation: j.Operation}
	var known bool
	if result.resource, known = s.table.Find(object.GroupVersionKind()); !known {
		message := fmt.Sprintf("no resource is known for %s; name it in `resources`", object.GroupVersionKind())
		return nil, &protocol.Problem{Reason: ReasonUnknownKind, Message: message}
	}
	if err := s.place(result, j.Namespace); err != nil {
		return nil, err
	}
	if err := result.operate(j); err != nil {
		return nil, err
	}
	return result, nil
}

// readObject decodes one object as the API server decodes numbers, and repairs what Kyverno repairs.
func readObject(section string, raw json.RawMessage) (*unstructured.Unstructured, error) {
	problem := func(message string) error {
		return &protocol.Problem{Reason: ReasonUnreadable, Message: fmt.Sprintf("`%s`: %s", section, message)}
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: fmt.Sprintf("`%s` is missing", section)}
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(raw); err != nil {
		return nil, problem(err.Error())
	}
	if object.GetAPIVersion() == "" {
		return nil, problem("`apiVersion` must be a non-empty string")
	}
	if _, isList := object.Object["items"].([]any); isList {
		return nil, problem(fmt.Sprintf("`%s` holds several objects; hand them over one by one", object.GetKind()))
	}
	if _, isMap := object.Object["metadata"].(map[string]any); !isMap {
		return nil, problem("`metadata` must be an object")
	}
	normalize(object.Object)
	return object, nil
}
