// Package speed measures server validation against a real API server on the same objects, in one run.
//
// It judges nothing: an object that either side refuses is an error, since then both did different work.
package speed

import (
	"bytes"
	"context"
	_ "embed" // the template of the objects
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"aurora.example/tools/kubernetes/internal/rehearsal/client"
	"aurora.example/tools/kubernetes/internal/rehearsal/controlplane"
	"aurora.example/tools/kubernetes/internal/rehearsal/trial"
	"aurora.example/tools/kubernetes/internal/verdict"
	"aurora.example/tools/protocol"
)

const (
	// objects is how many Deployments are judged.
	objects = 3000
	// workers send requests at the same time: more do not make the server faster on few cores.
	workers = 16
	// rounds are run; the best of each side counts, since whatever else a machine does only makes it slower.
	rounds = 3
)

// Result holds the best times of both sides, in seconds.
type Result struct {
	Objects int `json:"objects"`
	// ServerReady is the start of the control plane, ServerApply the dry runs of a server-side apply.
	ServerReady float64 `json:"serverReadySeconds"`
	ServerApply float64 `json:"serverApplySeconds"`
	// Offline is a whole process.
	Offline float64 `json:"offlineSeconds"`
	Ratio   float64 `json:"ratio"`
}

//go:embed deployment.yaml
var deployment []byte

// deployments makes Deployments that differ in their names.
func deployments() ([][]byte, error) {
	template, err := yaml.YAMLToJSON(deployment)
	manifests := make([][]byte, objects)
	for i := range manifests {
		manifests[i] = bytes.ReplaceAll(template, []byte("NAME"), []byte(name(i)))
	}
	return manifests, err
}

// Measure times both sides in turn: the start of a control plane with dry runs of all objects, and whole processes of the
// offline program on the same objects.
func Measure(ctx context.Context, programs controlplane.Programs) (Result, error) {
	result := Result{Objects: objects}
	manifests, err := deployments()
	if err != nil {
		return result, err
	}
	for range rounds {
		ready, applied, err := server(ctx, programs, manifests)
		if err != nil {
			return result, err
		}
		if result.total() == 0 || ready+applied < result.total() {
			result.ServerReady, result.ServerApply = ready, applied
		}
		seconds, err := program(ctx, programs.Validation, manifests)
		if err != nil {
			return result, err
		}
		if result.Offline == 0 || seconds < result.Offline {
			result.Offline = seconds
		}
	}
	result.Ratio = result.total() / result.Offline
	return result, nil
}

func (r Result) total() float64 { return r.ServerReady + r.ServerApply }

// server times the start and the dry runs.
func server(ctx context.Context, programs controlplane.Programs, manifests [][]byte) (ready, applied float64, err error) {
	cluster, err := controlplane.Start(ctx, programs)
	if err != nil {
		return 0, 0, err
	}
	defer cluster.Stop()
	begun := time.Now()
	c, err := client.New(cluster.URL, cluster.HTTP)
	if err != nil {
		return 0, 0, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	kind := schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}
	for i, manifest := range manifests {
		group.Go(func() error {
			at, _, err := c.Find(kind, metav1.NamespaceDefault, name(i))
			if err == nil {
				_, err = client.Must(ctx, trial.Apply(c, at, manifest).Param("dryRun", "All"))
			}
			return err
		})
	}
	err = group.Wait()
	return cluster.Ready.Seconds(), time.Since(begun).Seconds(), err
}

// program times a whole process and demands that it accepts every object.
func program(ctx context.Context, path string, manifests [][]byte) (float64, error) {
	var in bytes.Buffer
	for i, manifest := range manifests {
		fmt.Fprintf(&in, `{"id":%q,"request":"judge","body":{"object":%s}}`+"\n", strconv.Itoa(i), manifest)
	}
	begun := time.Now()
	command := exec.CommandContext(ctx, path)
	command.Stdin = &in
	out, err := command.Output()
	seconds := time.Since(begun).Seconds()
	if err != nil {
		return 0, fmt.Errorf("run the offline program: %w", err)
	}
	return seconds, clean(out, len(manifests))
}

// clean demands a judged reply without findings for each object.
func clean(out []byte, wanted int) error {
	replies, err := protocol.Replies(out, wanted)
	if err != nil {
		return err
	}
	judged := 0
	for _, reply := range replies {
		var said verdict.Verdict
		if reply.Outcome == protocol.Judged && json.Unmarshal(reply.Result, &said) == nil && len(said.Findings) == 0 {
			judged++
		}
	}
	if judged != wanted {
		return fmt.Errorf("the offline program accepts %d of %d objects", judged, wanted)
	}
	return nil
}

func name(i int) string { return "web-" + strconv.Itoa(i) }
