package trial

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

// noticedWithin is how long the server may take to serve a definition, or to notice policies.
const noticedWithin = 30 * time.Second

const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"

// Established waits until the server serves every version of a definition.
func (s *Stage) Established(ctx context.Context, name string) error {
	s.client.Forget()
	err := wait.PollUntilContextTimeout(ctx, 10*time.Millisecond, noticedWithin, true, func(ctx context.Context) (bool, error) {
		answer, err := s.client.Do(ctx, client.Request{Method: http.MethodGet, Path: definitionsPath + name})
		if err != nil {
			return false, err
		}
		return s.listed(answer.Object)
	})
	if err != nil {
		return fmt.Errorf("wait for the definition `%s`: %w", name, err)
	}
	return nil
}

// listed reports whether discovery shows the kind in every served version.
func (s *Stage) listed(object map[string]any) (bool, error) {
	var crd apiextensions.CustomResourceDefinition
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, &crd); err != nil {
		return false, err
	}
	if !apihelpers.IsCRDConditionTrue(&crd, apiextensions.Established) {
		return false, nil
	}
	for _, version := range crd.Spec.Versions {
		gvk := schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
		if !version.Served {
			continue
		}
		if _, found, err := s.client.Find(gvk); err != nil || !found {
			s.client.Forget()
			return false, err
		}
	}
	return true, nil
}
