// Package build builds Kustomize overlays in memory, so that the same files always give the same objects.
//
// It owns what an overlay may name, and how an error is traced to its file and line. Kustomize does the building.
package build

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"aurora.example/tools/protocol"
)

// Name of the program in the protocol's first line.
const Name = "kustomizer"

const module = "sigs.k8s.io/kustomize/api"

// timeLimit for one overlay.
const timeLimit = 30 * time.Second

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("there is no network here")
}

// Isolate takes away what Kustomize would fetch by: HTTP, and programs such as git.
func Isolate() {
	http.DefaultTransport = refusing{}
	_ = os.Unsetenv("PATH")
	log.SetOutput(io.Discard)
}

// Linked reads the version of Kustomize's API that the build linked.
func Linked() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				return dependency.Version
			}
		}
	}
	return "unknown"
}

// Program describes a run to the protocol's loop; Kustomize's schemas are global, so requests run one by one.
func Program(version string) protocol.Program {
	return protocol.Program{
		Hello: protocol.Hello{
			Program: Name, Version: version, Requests: []string{"build"}, Linked: map[string]string{"kustomize": Linked()},
		},
		Kinds:     map[string]protocol.Kind{"build": {Handle: handle, Judges: true}},
		TimeLimit: func() time.Duration { return timeLimit },
		Workers:   1,
	}
}

// request names the folder of an overlay, and gives every file that it may read by its path.
type request struct {
	Folder string            `json:"folder"`
	Files  map[string][]byte `json:"files"`
}

// Problem is one reason why an overlay is not built.
type Problem struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Object is one object with the file that it comes from.
type Object struct {
	Object json.RawMessage `json:"object"`
	Path   string          `json:"path"`
}

type result struct {
	Objects  []Object  `json:"objects"`
	Problems []Problem `json:"problems"`
}

func handle(_ context.Context, body json.RawMessage) (any, error) {
	var wanted request
	if err := protocol.Decode(body, &wanted); err != nil {
		return nil, err
	}
	files := filesys.MakeFsInMemory()
	for name, content := range wanted.Files {
		if err := files.WriteFile("/"+name, content); err != nil {
			return nil, err
		}
	}
	root := "/" + wanted.Folder
	looked := look(files, root)
	if len(looked.problems) > 0 {
		return result{Problems: looked.problems}, nil
	}
	built, err := run(files, root)
	if err != nil {
		looked.locate(err)
		return result{Problems: looked.problems}, nil
	}
	found, err := objects(built, looked.origins(root))
	if err == nil {
		err = looked.idle(root, built)
	}
	return result{Objects: found, Problems: looked.problems}, err
}

func run(files filesys.FileSystem, folder string) (resmap.ResMap, error) {
	return krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, folder)
}

// objects gives what was built, each with the file that it comes from.
func objects(built resmap.ResMap, origins []string) ([]Object, error) {
	found := make([]Object, built.Size())
	for i, each := range built.Resources() {
		text, err := each.MarshalJSON()
		if err != nil {
			return nil, err
		}
		found[i].Object = text
		if len(origins) == len(found) {
			found[i].Path = origins[i]
		}
	}
	return found, nil
}
