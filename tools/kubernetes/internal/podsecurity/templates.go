package podsecurity

// shape says how a pod is written at a path.
type shape int

const (
	// template is metadata and spec, as in a Deployment.
	template shape = iota
	// spec is a pod spec by itself.
	spec
	// component is KServe's pod spec with a main container under the name of its framework.
	component
	// container is one container that a controller adds to its pods.
	container
	// workflow is the spec of an Argo Workflow, whose templates become pods.
	workflow
)

// place is one path to pods; `*` stands for every item of a list or value of a map.
type place struct {
	path  string
	shape shape
	// partial says what a controller adds to the pod, so that a missing setting proves nothing.
	partial string
}

// Reasons why a manifest shows only part of a pod.
const (
	byPrometheus = "the operator adds its own containers to the pod"
	byRuntime    = "the serving runtime's container and settings are merged in"
	byTrainer    = "the training runtime's pod template is merged in"
	byRay        = "the autoscaler runs inside the head pod"
	byScheduler  = "KServe merges its own configuration in"
	byInit       = "the container is added to pods of inference services"
	byPlugin     = "the sidecar is added to the agent pod of a workflow"
)

var inRayCluster = []place{
	{path: "/headGroupSpec/template"}, {path: "/workerGroupSpecs/*/template"},
	{path: "/autoscalerOptions", shape: container, partial: byRay},
}

var inServingSpec = []place{
	{path: "/template", shape: spec, partial: byScheduler}, {path: "/worker", shape: spec, partial: byScheduler},
	{path: "/prefill/template", shape: spec, partial: byScheduler}, {path: "/prefill/worker", shape: spec, partial: byScheduler},
	{path: "/router/scheduler/template", shape: spec, partial: byScheduler},
}

// under moves places below a prefix.
func under(prefix string, places []place) []place {
	moved := make([]place, len(places))
	for i, p := range places {
		p.path = prefix + p.path
		moved[i] = p
	}
	return moved
}

// byKind is the one table of paths to pod templates, by group and kind.
//
// The built-in rows are those of pod-security-admission's DefaultPodSpecExtractor (a test compares). The others
// were found by walking the schemas of each project's definitions for fields named `containers` whose items
// have an `image`, and for single containers.
var byKind = map[string][]place{
	"/Pod":                   {{path: "", shape: template}},
	"/PodTemplate":           {{path: "/template"}},
	"/ReplicationController": {{path: "/spec/template"}},
	"apps/DaemonSet":         {{path: "/spec/template"}},
	"apps/Deployment":        {{path: "/spec/template"}},
	"apps/ReplicaSet":        {{path: "/spec/template"}},
	"apps/StatefulSet":       {{path: "/spec/template"}},
	"batch/CronJob":          {{path: "/spec/jobTemplate/spec/template"}},
	"batch/Job":              {{path: "/spec/template"}},

	"argoproj.io/AnalysisRun":             {{path: "/spec/metrics/*/provider/job/spec/template"}},
	"argoproj.io/AnalysisTemplate":        {{path: "/spec/metrics/*/provider/job/spec/template"}},
	"argoproj.io/ClusterAnalysisTemplate": {{path: "/spec/metrics/*/provider/job/spec/template"}},
	"argoproj.io/ClusterWorkflowTemplate": inWorkflow("/spec"),
	"argoproj.io/CronWorkflow":            inWorkflow("/spec/workflowSpec"),
	"argoproj.io/Experiment":              {{path: "/spec/templates/*/template"}},
	"argoproj.io/Rollout":                 {{path: "/spec/template"}},
	"argoproj.io/Workflow":                inWorkflow("/spec"),
	"argoproj.io/WorkflowTemplate":        inWorkflow("/spec"),

	"jobset.x-k8s.io/JobSet":  {{path: "/spec/replicatedJobs/*/template/spec/template"}},
	"keda.sh/ScaledJob":       {{path: "/spec/jobTargetRef/template"}},
	"kubeflow.org/MPIJob":     {{path: "/spec/mpiReplicaSpecs/*/template"}},
	"kueue.x-k8s.io/Workload": {{path: "/spec/podSets/*/template"}},

	"monitoring.coreos.com/Alertmanager":    {{path: "/spec", shape: spec, partial: byPrometheus}},
	"monitoring.coreos.com/Prometheus":      {{path: "/spec", shape: spec, partial: byPrometheus}},
	"monitoring.coreos.com/PrometheusAgent": {{path: "/spec", shape: spec, partial: byPrometheus}},
	"monitoring.coreos.com/ThanosRuler":     {{path: "/spec", shape: spec, partial: byPrometheus}},

	"ray.io/RayCluster": under("/spec", inRayCluster),
	"ray.io/RayCronJob": append(under("/spec/jobTemplate/rayClusterSpec", inRayCluster), place{path: "/spec/jobTemplate/submitterPodTemplate"}),
	"ray.io/RayJob":     append(under("/spec/rayClusterSpec", inRayCluster), place{path: "/spec/submitterPodTemplate"}),
	"ray.io/RayService": under("/spec/rayClusterConfig", inRayCluster),

	"serving.kserve.io/ClusterServingRuntime":     {{path: "/spec", shape: spec}},
	"serving.kserve.io/ClusterStorageContainer":   {{path: "/spec/container", shape: container, partial: byInit}},
	"serving.kserve.io/InferenceService":          inInferenceService(),
	"serving.kserve.io/LLMInferenceService":       under("/spec", inServingSpec),
	"serving.kserve.io/LLMInferenceServiceConfig": under("/spec", inServingSpec),
	"serving.kserve.io/ServingRuntime":            {{path: "/spec", shape: spec}},

	"trainer.kubeflow.org/ClusterTrainingRuntime": {{path: "/spec/template/spec/replicatedJobs/*/template/spec/template"}},
	"trainer.kubeflow.org/TrainingRuntime":        {{path: "/spec/template/spec/replicatedJobs/*/template/spec/template"}},
	"trainer.kubeflow.org/TrainJob": {
		{path: "/spec/runtimePatches/*/trainingRuntimeSpec/template/spec/replicatedJobs/*/template/spec/template", partial: byTrainer},
		{path: "/spec/podTemplateOverrides/*", partial: byTrainer},
	},
}

func inWorkflow(prefix string) []place {
	return []place{
		{path: prefix, shape: workflow},
		{path: prefix + "/executorPlugins/*/spec/sidecar/container", shape: container, partial: byPlugin},
	}
}

func inInferenceService() []place {
	return []place{
		{path: "/spec/predictor", shape: component}, {path: "/spec/predictor/workerSpec", shape: spec, partial: byRuntime},
		{path: "/spec/transformer", shape: component}, {path: "/spec/explainer", shape: component},
		{path: "/spec/canary/*/predictor", shape: component},
	}
}

// frameworks are the fields of a KServe component that hold its main container.
var frameworks = []string{
	"model", "sklearn", "xgboost", "tensorflow", "pytorch", "triton", "onnx", "huggingface", "pmml", "lightgbm", "paddle", "art",
}
