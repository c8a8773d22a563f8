package trial

import (
	"bytes"
	"context"
	_ "embed" // what every cluster gets
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

//go:embed setup.yaml
var setupFile []byte

// setup is what setup.yaml holds.
type setup struct {
	Policies []json.RawMessage
	Denied   json.RawMessage
	Running  []struct {
		Kind         string
		Spec, Status map[string]any
	}
}

// read reads setup.yaml; every NOW in it is the time of the call.
func read() (found setup, err error) {
	now := time.Now().UTC().Format(time.RFC3339)
	err = yaml.UnmarshalStrict(bytes.ReplaceAll(setupFile, []byte("NOW"), []byte(`"`+now+`"`)), &found)
	return found, err
}

// noticedWithin is how long the server may take to serve a definition, or to notice policies.
const noticedWithin = 30 * time.Second

// Enter puts what a suite presupposes into the cluster and returns it in the order in which it is to be removed.
// Definitions of a suite that applies them itself are left to it.
func (s *Stage) Enter(ctx context.Context, definitions, policies []json.RawMessage, own bool) ([]json.RawMessage, error) {
	var entered []json.RawMessage
	if !own {
		for _, definition := range definitions {
			entered = append(entered, definition)
			at, answer, err := s.send(ctx, definition)
			if err := accepted(answer, err); err != nil {
				return nil, err
			}
			if err := s.Established(ctx, at.Name); err != nil {
				return nil, err
			}
		}
	}
	if len(policies) == 0 {
		return entered, nil
	}
	known, err := read()
	if err != nil {
		return nil, err
	}
	for _, policy := range append(policies, known.Policies...) {
		entered = append(entered, policy)
		_, answer, err := s.send(ctx, policy)
		if err := accepted(answer, err); err != nil {
			return nil, err
		}
	}
	return entered, s.noticed(ctx, known.Denied, true)
}

// Exit removes what Enter put there.
func (s *Stage) Exit(ctx context.Context, entered []json.RawMessage) error {
	for _, manifest := range entered {
		if err := s.Remove(ctx, manifest); err != nil {
			return err
		}
	}
	known, err := read()
	if err != nil {
		return err
	}
	return s.noticed(ctx, known.Denied, false)
}

// noticed waits until one object is denied, or no longer denied: then the same is true of all policies.
func (s *Stage) noticed(ctx context.Context, object []byte, denied bool) error {
	at, _, err := s.place(ctx, object)
	if err != nil {
		return err
	}
	return poll(ctx, "the admission policies", func(ctx context.Context) (bool, error) {
		answer, err := client.Do(ctx, s.client.Create(at, client.JSON, object).Param("dryRun", "All"))
		return answer.Accepted() != denied, err
	})
}

func poll(ctx context.Context, what string, until wait.ConditionWithContextFunc) error {
	if err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, noticedWithin, true, until); err != nil {
		return fmt.Errorf("wait for %s: %w", what, err)
	}
	return nil
}

// Established waits until the server serves every version of a definition.
func (s *Stage) Established(ctx context.Context, name string) error {
	at, _, err := s.client.Find(apiextensions.SchemeGroupVersion.WithKind(definitionKind), "", name)
	if err != nil {
		return err
	}
	return poll(ctx, "the definition `"+name+"`", func(ctx context.Context) (bool, error) {
		answer, err := client.Do(ctx, s.client.On(http.MethodGet, at))
		if err != nil {
			return false, err
		}
		return s.listed(answer.Object)
	})
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
		kind := schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
		if !version.Served {
			continue
		}
		if _, found, err := s.client.Find(kind, "", ""); err != nil || !found {
			s.client.Forget()
			return false, err
		}
	}
	return true, nil
}
