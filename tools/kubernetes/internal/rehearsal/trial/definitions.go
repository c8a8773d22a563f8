package trial

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

// establishedWithin is how long the server may take to serve a definition.
const establishedWithin = 30 * time.Second

const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"

// Established waits until the server serves every version of a definition.
func (s *Stage) Established(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, establishedWithin)
	defer cancel()
	s.client.Forget()
	for {
		answer, err := s.client.Do(ctx, client.Request{Method: http.MethodGet, Path: definitionsPath + name})
		if err != nil {
			return fmt.Errorf("wait for the definition `%s`: %w", name, err)
		}
		served, err := s.listed(ctx, answer.Object)
		if err != nil || served {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// listed reports whether discovery shows the kind in every served version.
func (s *Stage) listed(ctx context.Context, crd map[string]any) (bool, error) {
	if !condition(crd, "Established") {
		return false, nil
	}
	for _, gvk := range servedKinds(crd) {
		if _, found, err := s.client.Find(ctx, gvk); err != nil || !found {
			s.client.Forget()
			return false, err
		}
	}
	return true, nil
}

func condition(object map[string]any, name string) bool {
	status, _ := object["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	for _, c := range conditions {
		if fields, _ := c.(map[string]any); fields["type"] == name {
			return fields["status"] == "True"
		}
	}
	return false
}

func servedKinds(crd map[string]any) []schema.GroupVersionKind {
	spec, _ := crd["spec"].(map[string]any)
	names, _ := spec["names"].(map[string]any)
	group, _ := spec["group"].(string)
	kind, _ := names["kind"].(string)
	versions, _ := spec["versions"].([]any)
	var served []schema.GroupVersionKind
	for _, v := range versions {
		fields, _ := v.(map[string]any)
		if name, _ := fields["name"].(string); fields["served"] == true {
			served = append(served, schema.GroupVersionKind{Group: group, Version: name, Kind: kind})
		}
	}
	return served
}
