package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

// What a cluster makes up; offline validation makes up the same.
const (
	someVolume = "pvc-00000000-0000-4000-8000-000000000000"
	someNode   = "node-1"
	someClass  = "standard"
)

const someBalancer = `{loadBalancer: {ingress: [{ip: 203.0.113.10}]}}`

// running says for each kind which status its controllers would write, as text.
var running = map[string]func(spec map[string]any) string{
	"PersistentVolumeClaim": func(map[string]any) string { return `{phase: Bound}` },
	"PersistentVolume":      func(map[string]any) string { return `{phase: Available}` },
	"Service": func(spec map[string]any) string {
		if spec["type"] != "LoadBalancer" {
			return ""
		}
		return someBalancer
	},
	"Ingress": func(map[string]any) string { return someBalancer },
	"Job": func(spec map[string]any) string {
		now := time.Now().UTC().Format(time.RFC3339)
		if spec["suspend"] == true {
			return `{conditions: [{type: Suspended, status: "True", reason: JobSuspended, message: Job suspended, lastTransitionTime: "` + now + `"}]}`
		}
		return `{startTime: "` + now + `", active: 1, ready: 1}`
	},
	"Pod": func(map[string]any) string { return `{phase: Running}` },
}

// settle makes an object look as it does in a cluster in which it works.
func (s *Stage) settle(ctx context.Context, where place, object map[string]any) error {
	spec, _ := object["spec"].(map[string]any)
	var err error
	switch where.gvk.Kind {
	case "CustomResourceDefinition":
		return s.Established(ctx, where.name)
	case "Pod":
		err = s.bind(ctx, where)
	case "PersistentVolumeClaim":
		err = s.claim(ctx, where, spec)
	}
	status, known := running[where.gvk.Kind]
	if err != nil || !known || status(spec) == "" {
		return err
	}
	written := map[string]any{}
	if err := yaml.Unmarshal([]byte(status(spec)), &written); err != nil {
		return err
	}
	if resources, _ := spec["resources"].(map[string]any); where.gvk.Kind == "PersistentVolumeClaim" {
		written["accessModes"], written["capacity"] = spec["accessModes"], resources["requests"]
	}
	return s.patch(ctx, where, "/status", map[string]any{"status": written})
}

func (s *Stage) patch(ctx context.Context, where place, subresource string, change map[string]any) error {
	body, err := json.Marshal(change)
	if err != nil {
		return err
	}
	path := where.resource.Object(where.namespace, where.name) + subresource
	_, err = s.client.Must(ctx, client.Request{Method: http.MethodPatch, Path: path, Type: client.MergePatch, Body: body})
	return err
}

// claim makes the storage class of a claim, since whether a claim may grow depends on it, and binds the claim to a volume.
func (s *Stage) claim(ctx context.Context, where place, spec map[string]any) error {
	bound := map[string]any{"volumeName": someVolume}
	name, classed := spec["storageClassName"].(string)
	if !classed {
		name = someClass
		bound["storageClassName"] = name
	}
	body := fmt.Sprintf(`{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":%q},"provisioner":"example.com/disk","allowVolumeExpansion":true}`, name)
	class := client.Request{Method: http.MethodPost, Path: "/apis/storage.k8s.io/v1/storageclasses", Type: client.JSON, Body: []byte(body)}
	if _, err := s.client.Must(ctx, class, http.StatusConflict); err != nil {
		return err
	}
	return s.patch(ctx, where, "", map[string]any{"spec": bound})
}

// bind gives a pod its node, as the scheduler does.
func (s *Stage) bind(ctx context.Context, where place) error {
	body := fmt.Sprintf(`{"apiVersion":"v1","kind":"Binding","metadata":{"name":%q},"target":{"kind":"Node","name":%q}}`, where.name, someNode)
	path := where.resource.Object(where.namespace, where.name) + "/binding"
	_, err := s.client.Must(ctx, client.Request{Method: http.MethodPost, Path: path, Type: client.JSON, Body: []byte(body)})
	return err
}
