package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

// canary is a policy that denies one object, so that one can see when the server has taken notice of all policies.
var canary = []string{
	`{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy","metadata":{"name":"canary"},"spec":{
	  "matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]},
	  "validations":[{"expression":"object.metadata.name != 'canary'"}]}}`,
	`{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicyBinding","metadata":{"name":"canary"},"spec":{"policyName":"canary","validationActions":["Deny"]}}`,
}

// Enter puts what a suite presupposes into the cluster and returns it in the order in which it is to be removed.
// Definitions of a suite that applies them itself are left to it.
func (s *Stage) Enter(ctx context.Context, definitions, policies []json.RawMessage, own bool) ([][]byte, error) {
	var setup [][]byte
	if own {
		definitions = nil
	}
	for _, definition := range definitions {
		setup = append(setup, definition)
		where, err := s.install(ctx, definition)
		if err != nil {
			return nil, err
		}
		if err := s.Established(ctx, where.name); err != nil {
			return nil, err
		}
	}
	if len(policies) == 0 {
		return setup, nil
	}
	for _, manifest := range canary {
		policies = append(policies, json.RawMessage(manifest))
	}
	for _, policy := range policies {
		setup = append(setup, policy)
		if _, err := s.install(ctx, policy); err != nil {
			return nil, err
		}
	}
	return setup, s.noticed(ctx, true)
}

// Exit removes what Enter put there.
func (s *Stage) Exit(ctx context.Context, setup [][]byte) error {
	for _, manifest := range setup {
		if err := s.Remove(ctx, manifest); err != nil {
			return err
		}
	}
	return s.noticed(ctx, false)
}

// install applies a manifest that has to be accepted.
func (s *Stage) install(ctx context.Context, manifest []byte) (place, error) {
	where, report, err := s.place(ctx, manifest)
	if err != nil {
		return where, err
	}
	if report != nil {
		return where, fmt.Errorf("what the suite presupposes cannot be applied: %s", manifest)
	}
	if err := s.prepare(ctx, where); err != nil {
		return where, err
	}
	answer, err := s.send(ctx, where, manifest)
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("apply what the suite presupposes: %s", answer.Message())
	}
	return where, err
}

// noticed waits until the canary is denied, or no longer denied: then the same is true of all policies.
func (s *Stage) noticed(ctx context.Context, denied bool) error {
	planted := client.Request{
		Method: http.MethodPost, Path: "/api/v1/namespaces/default/configmaps", Query: url.Values{"dryRun": {"All"}}, Type: client.JSON,
		Body: []byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"canary"}}`),
	}
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, noticedWithin, true, func(ctx context.Context) (bool, error) {
		answer, err := s.client.Do(ctx, planted)
		return answer.Accepted() != denied, err
	})
	if err != nil {
		return fmt.Errorf("wait for the admission policies: %w", err)
	}
	return nil
}
