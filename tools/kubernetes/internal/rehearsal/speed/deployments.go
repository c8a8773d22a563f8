package speed

import "encoding/json"

type fields = map[string]any

// deployments makes Deployments of the size that components emit.
func deployments() ([][]byte, error) {
	manifests := make([][]byte, objects)
	for i := range manifests {
		data, err := json.Marshal(deployment(name(i)))
		if err != nil {
			return nil, err
		}
		manifests[i] = data
	}
	return manifests, nil
}

func deployment(name string) fields {
	labels := fields{"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "speed", "app.kubernetes.io/component": "server"}
	return fields{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": fields{"name": name, "namespace": "default", "labels": labels},
		"spec": fields{
			"replicas": 2, "revisionHistoryLimit": 3,
			"selector": fields{"matchLabels": fields{"app.kubernetes.io/name": name}},
			"template": fields{"metadata": fields{"labels": labels}, "spec": podSpec()},
		},
	}
}

func podSpec() fields {
	probe := fields{"httpGet": fields{"path": "/healthz", "port": "http"}, "periodSeconds": 10, "timeoutSeconds": 2}
	return fields{
		"automountServiceAccountToken": false,
		"securityContext":              fields{"runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": fields{"type": "RuntimeDefault"}},
		"containers": []any{fields{
			"name": "server", "image": "registry.example.com/ml/server:1.4.2", "args": []any{"--port=8080", "--model=/models/current"},
			"ports": []any{fields{"name": "http", "containerPort": 8080}},
			"env":   []any{fields{"name": "LOG_LEVEL", "value": "info"}, fields{"name": "TOKEN", "valueFrom": fields{"secretKeyRef": fields{"name": "server", "key": "token"}}}},
			"resources": fields{
				"requests": fields{"cpu": "250m", "memory": "512Mi"}, "limits": fields{"cpu": "1", "memory": "1Gi"},
			},
			"securityContext": fields{"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": fields{"drop": []any{"ALL"}}},
			"livenessProbe":   probe, "readinessProbe": probe,
			"volumeMounts": []any{fields{"name": "models", "mountPath": "/models", "readOnly": true}, fields{"name": "tmp", "mountPath": "/tmp"}},
		}},
		"volumes": []any{
			fields{"name": "models", "persistentVolumeClaim": fields{"claimName": "models", "readOnly": true}},
			fields{"name": "tmp", "emptyDir": fields{"sizeLimit": "1Gi"}},
		},
	}
}
