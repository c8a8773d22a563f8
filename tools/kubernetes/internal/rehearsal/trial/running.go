package trial

import (
	"context"
	"fmt"
	"net/http"
	"reflect"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

// What a cluster makes up; offline validation makes up the same.
const (
	someVolume = "pvc-00000000-0000-4000-8000-000000000000"
	someNode   = "node-1"
	someClass  = "standard"
)

// settle makes an object look as it does in a cluster in which it works.
func (s *Stage) settle(ctx context.Context, at client.Place, object map[string]any) error {
	spec, _ := object["spec"].(map[string]any)
	status, err := running(at.Kind.Kind, spec)
	if err != nil {
		return err
	}
	switch at.Kind.Kind {
	case definitionKind:
		return s.Established(ctx, at.Name)
	case "Pod":
		err = s.bind(ctx, at)
	case "PersistentVolumeClaim":
		resources, _ := spec["resources"].(map[string]any)
		status["accessModes"], status["capacity"] = spec["accessModes"], resources["requests"]
		err = s.claim(ctx, at, spec)
	}
	if err != nil || status == nil {
		return err
	}
	return accepted(s.patch(ctx, at, map[string]any{"status": status}, "status"))
}

// running is the status that controllers would write; nil where they would write none.
func running(kind string, spec map[string]any) (map[string]any, error) {
	known, err := read()
	if err != nil {
		return nil, err
	}
	for _, entry := range known.Running {
		fits := entry.Kind == kind
		for field, value := range entry.Spec {
			fits = fits && reflect.DeepEqual(spec[field], value)
		}
		if fits {
			return entry.Status, nil
		}
	}
	return nil, nil
}

// claim makes the storage class of a claim, since whether a claim may grow depends on it, and binds the claim to a volume.
func (s *Stage) claim(ctx context.Context, at client.Place, spec map[string]any) error {
	bound := map[string]any{"volumeName": someVolume}
	name, classed := spec["storageClassName"].(string)
	if !classed {
		name = someClass
		bound["storageClassName"] = name
	}
	class := map[string]any{"metadata": map[string]any{"name": name}, "provisioner": "example.com/disk", "allowVolumeExpansion": true}
	if err := s.ensure(ctx, classKind, "", class); err != nil {
		return err
	}
	return accepted(s.patch(ctx, at, map[string]any{"spec": bound}))
}

// bind gives a pod its node, as the scheduler does.
func (s *Stage) bind(ctx context.Context, at client.Place) error {
	body := fmt.Sprintf(`{"apiVersion":"v1","kind":"Binding","metadata":{"name":%q},"target":{"kind":"Node","name":%q}}`, at.Name, someNode)
	_, err := client.Must(ctx, s.client.On(http.MethodPost, at, "binding").SetHeader("Content-Type", client.JSON).Body([]byte(body)))
	return err
}
