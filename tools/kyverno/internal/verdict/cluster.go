package verdict

import (
	"context"
	"fmt"

	kyvernov1 "github.com/kyverno/kyverno/api/kyverno/v1"
	"github.com/kyverno/kyverno/pkg/config"
	"github.com/kyverno/kyverno/pkg/engine"
	engineapi "github.com/kyverno/kyverno/pkg/engine/api"
	"github.com/kyverno/kyverno/pkg/engine/factories"
	"github.com/kyverno/kyverno/pkg/engine/jmespath"
	"github.com/kyverno/kyverno/pkg/engine/policycontext"
	imageverifycache "github.com/kyverno/kyverno/pkg/image/verification/cache"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"aurora.example/tools/kyverno/internal/policy"
)

// rules judges by ClusterPolicies, with the engine that Kyverno's command line uses for them and without a client.
type rules struct {
	engine        engineapi.Engine
	configuration config.Configuration
	queries       jmespath.Interface
}

func newRules() *rules {
	configuration := config.NewDefaultConfiguration(false)
	queries := jmespath.New(configuration)
	isCluster := false
	return &rules{
		engine: engine.NewEngine(
			configuration, queries, nil, nil, imageverifycache.DisabledImageVerifyCache(),
			factories.DefaultContextLoaderFactory(nil), nil, &isCluster,
		),
		configuration: configuration, queries: queries,
	}
}

// judgeRules asks a ClusterPolicy about an object; a rule that does not match has no result.
func (s *Session) judgeRules(ctx context.Context, p *policy.Policy, subject *subject) ([]Result, error) {
	given, err := s.ruleContext(p.Cluster, subject)
	if err != nil {
		return nil, fmt.Errorf("policy `%s`: %w", p.Name, err)
	}
	response := s.rules.engine.Validate(ctx, given)
	results := make([]Result, 0, len(response.PolicyResponse.Rules))
	for _, rule := range response.PolicyResponse.Rules {
		result, err := resultOf(policy.Variant{Policy: p}, rule)
		if err != nil {
			return nil, err
		}
		result.Rule, result.Skipped, result.AuditAnnotations = rule.Name(), "", nil
		if result.Result == Skip {
			result.Skipped = "preconditions"
		}
		results = append(results, result)
	}
	return results, nil
}

// ruleContext makes what a rule sees of a request.
func (s *Session) ruleContext(p *kyvernov1.ClusterPolicy, subject *subject) (*policycontext.PolicyContext, error) {
	operation := kyvernov1.AdmissionOperation(subject.operation)
	// Kyverno writes into what it is given.
	present := *subject.present().DeepCopy()
	given, err := engine.NewPolicyContext(s.rules.queries, present, operation, nil, s.rules.configuration)
	if err != nil {
		return nil, err
	}
	if operation == kyvernov1.Update {
		old := unstructured.Unstructured{Object: subject.old.DeepCopy().Object}
		given = given.WithOldResource(old)
		if err := given.JSONContext().AddOldResource(old.Object); err != nil {
			return nil, err
		}
	}
	var labels map[string]string
	if namespace := s.namespaces[subject.namespace]; namespace != nil {
		labels = namespace.Labels
	}
	return given.WithPolicy(p).WithNamespaceLabels(labels).WithResourceKind(present.GroupVersionKind(), ""), nil
}
