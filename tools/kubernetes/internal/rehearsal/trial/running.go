package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
)

// patch is what a controller or a node would write to an object that works.
type patch struct {
	subresource string
	body        map[string]any
}

// What a cluster makes up; offline validation makes up the same.
const (
	someVolume = "pvc-00000000-0000-4000-8000-000000000000"
	someNode   = "node-1"
	someClass  = "standard"
	someHost   = "203.0.113.10"
)

var someBalancer = patch{"status", map[string]any{"status": map[string]any{"loadBalancer": map[string]any{"ingress": []any{map[string]any{"ip": someHost}}}}}}

// running says for each kind what its controllers would write.
var running = map[string]func(object map[string]any) []patch{
	"PersistentVolumeClaim": runClaim,
	"PersistentVolume": func(map[string]any) []patch {
		return []patch{{"status", map[string]any{"status": map[string]any{"phase": "Available"}}}}
	},
	"Service": runService,
	"Ingress": func(map[string]any) []patch { return []patch{someBalancer} },
	"Job":     runJob,
	"Pod": func(map[string]any) []patch {
		return []patch{{"status", map[string]any{"status": map[string]any{"phase": "Running"}}}}
	},
}

func runClaim(object map[string]any) []patch {
	spec, _ := object["spec"].(map[string]any)
	resources, _ := spec["resources"].(map[string]any)
	bind := map[string]any{"volumeName": someVolume}
	if spec["storageClassName"] == nil {
		bind["storageClassName"] = someClass
	}
	return []patch{
		{"", map[string]any{"spec": bind}},
		{"status", map[string]any{"status": map[string]any{"phase": "Bound", "accessModes": spec["accessModes"], "capacity": resources["requests"]}}},
	}
}

func runService(object map[string]any) []patch {
	if spec, _ := object["spec"].(map[string]any); spec["type"] != "LoadBalancer" {
		return nil
	}
	return []patch{someBalancer}
}

func runJob(object map[string]any) []patch {
	now := time.Now().UTC().Format(time.RFC3339)
	status := map[string]any{"startTime": now, "active": 1, "ready": 1}
	if spec, _ := object["spec"].(map[string]any); spec["suspend"] == true {
		status = map[string]any{"conditions": []any{map[string]any{
			"type": "Suspended", "status": "True", "reason": "JobSuspended", "message": "Job suspended", "lastTransitionTime": now,
		}}}
	}
	return []patch{{"status", map[string]any{"status": status}}}
}

// settle makes an object look as it does in a cluster in which it works.
func (s *Stage) settle(ctx context.Context, where place, object map[string]any) error {
	if where.gvk.Kind == "CustomResourceDefinition" {
		return s.Established(ctx, where.name)
	}
	if where.gvk.Kind == "Pod" {
		if err := s.bind(ctx, where); err != nil {
			return err
		}
	}
	if where.gvk.Kind == "PersistentVolumeClaim" {
		if err := s.class(ctx, object); err != nil {
			return err
		}
	}
	run, known := running[where.gvk.Kind]
	if !known {
		return nil
	}
	for _, p := range run(object) {
		if err := s.patch(ctx, where, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Stage) patch(ctx context.Context, where place, p patch) error {
	body, err := json.Marshal(p.body)
	if err != nil {
		return err
	}
	path := where.resource.Object(where.namespace, where.name)
	if p.subresource != "" {
		path += "/" + p.subresource
	}
	return s.must(ctx, client.Request{Method: http.MethodPatch, Path: path, Type: client.MergePatch, Body: body})
}

// class makes the storage class of a claim: whether a claim may grow depends on it.
func (s *Stage) class(ctx context.Context, claim map[string]any) error {
	name := someClass
	if spec, _ := claim["spec"].(map[string]any); spec["storageClassName"] != nil {
		name, _ = spec["storageClassName"].(string)
	}
	body := fmt.Sprintf(`{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":%q},"provisioner":"example.com/disk","allowVolumeExpansion":true}`, name)
	answer, err := s.client.Do(ctx, client.Request{Method: http.MethodPost, Path: "/apis/storage.k8s.io/v1/storageclasses", Type: client.JSON, Body: []byte(body)})
	if err == nil && !answer.Accepted() && answer.Code != http.StatusConflict {
		err = fmt.Errorf("make a storage class: %s", answer.Message())
	}
	return err
}

// bind gives a pod its node, as the scheduler does.
func (s *Stage) bind(ctx context.Context, where place) error {
	body := fmt.Sprintf(`{"apiVersion":"v1","kind":"Binding","metadata":{"name":%q},"target":{"kind":"Node","name":%q}}`, where.name, someNode)
	return s.must(ctx, client.Request{
		Method: http.MethodPost, Path: where.resource.Object(where.namespace, where.name) + "/binding", Type: client.JSON, Body: []byte(body),
	})
}

func (s *Stage) must(ctx context.Context, request client.Request) error {
	answer, err := s.client.Do(ctx, request)
	if err != nil {
		return err
	}
	if !answer.Accepted() {
		return fmt.Errorf("%s %s: %s", request.Method, request.Path, answer.Message())
	}
	return nil
}
