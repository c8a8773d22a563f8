package policy

import (
	"encoding/json"
	"fmt"

	kyvernov1 "github.com/kyverno/kyverno/api/kyverno/v1"
	validation "github.com/kyverno/kyverno/pkg/validation/policy"
)

// clusterPolicy reads a ClusterPolicy all of whose rules validate from the object alone.
func (l *Loader) clusterPolicy(raw json.RawMessage) (*Policy, *Refusal) {
	schemas, err := l.cluster()
	if err != nil {
		return nil, refuse(Invalid, "%v", err)
	}
	identity, object, refusal := typed(schemas, raw, clusterKind, validating)
	if refusal != nil {
		return nil, refusal
	}
	// What a cluster wrote about an installed policy is no part of it: it may say that another policy judges.
	object.Status = kyvernov1.PolicyStatus{}
	return &Policy{Identity: identity, Cluster: object}, nil
}

// validating refuses rules that do more than validate, and what Kyverno's admission refuses.
func validating(object *kyvernov1.ClusterPolicy) (refusal *Refusal) {
	if len(object.Spec.Rules) == 0 {
		return refuse(Invalid, "a policy needs at least one rule").at("spec.rules")
	}
	if object.Spec.CustomWebhookMatchConditions() {
		return refuse(UnsupportedFeature, "match conditions of webhooks are evaluated by the API server").at("spec.webhookConfiguration.matchConditions")
	}
	for i, rule := range object.Spec.Rules {
		if what := further(rule); what != "" {
			return refuse(UnsupportedFeature, "the rule `%s` %s", rule.Name, what).at(fmt.Sprintf("spec.rules[%d]", i))
		}
	}
	defer func() {
		if cause := recover(); cause != nil {
			refusal = refuse(Invalid, "Kyverno's admission ends in a panic: %v", cause)
		}
	}()
	if _, err := validation.Validate(object, nil, nil, true, "", ""); err != nil {
		return refuse(Invalid, "%v", err)
	}
	return nil
}

// further says what a rule does or reads beside the object.
func further(rule kyvernov1.Rule) string {
	switch {
	case rule.HasMutate():
		return "changes objects"
	case rule.HasGenerate():
		return "generates objects"
	case rule.HasVerifyImages(), rule.HasVerifyManifests():
		return "verifies signatures"
	case !rule.HasValidate():
		return "validates nothing"
	case rule.Validation.CEL != nil && rule.Validation.CEL.ParamKind != nil:
		return "reads parameters from the cluster"
	}
	if what := asked(rule.Context); what != "" {
		return what
	}
	return askedByEach(rule.Validation.ForEachValidation)
}

// askedByEach looks at the loops of a rule, which nest.
func askedByEach(loops []kyvernov1.ForEachValidation) string {
	for _, loop := range loops {
		if what := asked(loop.Context); what != "" {
			return what
		}
		if nested := loop.GetForEachValidation(); len(nested) > 0 {
			if what := askedByEach(nested); what != "" {
				return what
			}
		}
	}
	return ""
}

// asked says which entry of a context only a cluster or a registry can answer.
func asked(entries []kyvernov1.ContextEntry) string {
	for _, entry := range entries {
		switch {
		case entry.ConfigMap != nil:
			return "reads a ConfigMap of the cluster"
		case entry.APICall != nil:
			return "calls the API server or a service"
		case entry.ImageRegistry != nil:
			return "reads an image's data from its registry"
		case entry.GlobalReference != nil:
			return "reads Kyverno's global context"
		}
	}
	return ""
}
