// Command argo-workflows says of every Argo Workflows object of some files whether the project's own validation
// accepts it, as `argo lint --strict` does. It prints one JSON object a line and needs no cluster: each file is judged by itself, and
// references are looked up in it. Names of the files are read from standard input, one a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	wfv1 "github.com/argoproj/argo-workflows/v3/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v3/workflow/common"
	"github.com/argoproj/argo-workflows/v3/workflow/templateresolution"
	"github.com/argoproj/argo-workflows/v3/workflow/validate"
	"github.com/sirupsen/logrus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// verdict is what is printed of one object.
type verdict struct {
	File  string `json:"file"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Error string `json:"error"`
}

type parsed struct {
	object metav1.Object
	err    error
}

type templates map[string]*wfv1.WorkflowTemplate

// Get finds a template of one namespace.
func (t templates) Get(name string) (*wfv1.WorkflowTemplate, error) {
	if found, ok := t[name]; ok {
		return found, nil
	}
	return nil, fmt.Errorf("there is no WorkflowTemplate %q", name)
}

type clusterTemplates map[string]*wfv1.ClusterWorkflowTemplate

// Get finds a template of the cluster.
func (t clusterTemplates) Get(name string) (*wfv1.ClusterWorkflowTemplate, error) {
	if found, ok := t[name]; ok {
		return found, nil
	}
	return nil, fmt.Errorf("there is no ClusterWorkflowTemplate %q", name)
}

type known struct {
	namespaces map[string]templates
	cluster    clusterTemplates
}

func main() {
	logrus.SetLevel(logrus.PanicLevel)
	out := json.NewEncoder(os.Stdout)
	names := bufio.NewScanner(os.Stdin)
	for names.Scan() {
		if err := report(out, names.Text()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// report prints a verdict for each object of a file that is one of Argo Workflows.
func report(out *json.Encoder, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var objects []parsed
	for _, result := range common.ParseObjects(content, true) {
		if result.Object != nil {
			objects = append(objects, parsed{result.Object, result.Err})
		}
	}
	around := gather(objects)
	for _, each := range objects {
		kind, err := around.judge(each.object)
		if kind == "" {
			continue
		}
		if each.err != nil {
			err = each.err
		}
		said := verdict{File: file, Kind: kind, Name: each.object.GetName()}
		if err != nil {
			said.Error = err.Error()
		}
		if err := out.Encode(said); err != nil {
			return err
		}
	}
	return nil
}

// gather indexes the templates that others may name.
func gather(objects []parsed) known {
	around := known{map[string]templates{}, clusterTemplates{}}
	for _, each := range objects {
		switch object := each.object.(type) {
		case *wfv1.WorkflowTemplate:
			namespace := object.GetNamespace()
			if around.namespaces[namespace] == nil {
				around.namespaces[namespace] = templates{}
			}
			around.namespaces[namespace][object.GetName()] = object
		case *wfv1.ClusterWorkflowTemplate:
			around.cluster[object.GetName()] = object
		}
	}
	return around
}

// judge validates as `argo lint` does; the kind is empty for objects that it does not look at.
func (k known) judge(object metav1.Object) (string, error) {
	var near templateresolution.WorkflowTemplateNamespacedGetter = templates(k.namespaces[object.GetNamespace()])
	lint := validate.ValidateOpts{Lint: true}
	switch each := object.(type) {
	case *wfv1.Workflow:
		return "Workflow", validate.ValidateWorkflow(near, k.cluster, each, nil, lint)
	case *wfv1.WorkflowTemplate:
		return "WorkflowTemplate", validate.ValidateWorkflowTemplate(near, k.cluster, each, nil, lint)
	case *wfv1.ClusterWorkflowTemplate:
		return "ClusterWorkflowTemplate", validate.ValidateClusterWorkflowTemplate(nil, k.cluster, each, nil, lint)
	case *wfv1.CronWorkflow:
		return "CronWorkflow", validate.ValidateCronWorkflow(context.Background(), near, k.cluster, each, nil)
	}
	return "", nil
}
