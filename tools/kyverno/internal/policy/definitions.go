package policy

import (
	"fmt"
	"io/fs"
	"slices"

	"github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno/data"
)

// readKinds are the files of the kinds that are read here. Kyverno ships twenty more, and reading all of them
// would take three quarters of the program's start.
var readKinds = []string{group + "_validatingpolicies.yaml", group + "_policyexceptions.yaml"}

// clusterKinds is the file of ClusterPolicy, which is read when the first one comes: it is as large as all others.
var clusterKinds = []string{clusterGroup + "_clusterpolicies.yaml"}

// definitions shows of Kyverno's definitions those of the kinds that are read here.
type definitions struct {
	fs.FS
	names []string
}

// openDefinitions fails if Kyverno does not ship one of them: a policy would then be judged by no schema.
func openDefinitions(names []string) (fs.FS, error) {
	shipped, err := data.Crds()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := fs.Stat(shipped, name); err != nil {
			return nil, fmt.Errorf("Kyverno ships no `%s`: %w", name, err)
		}
	}
	return definitions{shipped, names}, nil
}

// ReadDir lists the files of the kinds that are read here.
func (d definitions) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(d.FS, name)
	return slices.DeleteFunc(entries, func(entry fs.DirEntry) bool { return !slices.Contains(d.names, entry.Name()) }), err
}
