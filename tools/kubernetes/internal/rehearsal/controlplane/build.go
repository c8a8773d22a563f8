// Package controlplane builds and runs the control plane that a rehearsal compares with: etcd and kube-apiserver from
// the module's own pins, on loopback, with a temporary folder and no kubelet.
//
// It owns the processes. It must not know what is sent to them.
package controlplane

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Programs are the paths of what was built.
type Programs struct {
	APIServer, Etcd, Validation string
}

const stamp = "k8s.io/component-base/version."

// Build builds the programs from the module in the current folder; Go's own cache makes a second build short.
//
// The API server refuses to start without a version, which only the linker can give it.
func Build(ctx context.Context, toolchain, version string) (Programs, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return Programs{}, err
	}
	folder := filepath.Join(cache, "aurora", "rehearsal")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Programs{}, err
	}
	numbers := strings.Split(strings.TrimPrefix(version, "v"), ".")
	if len(numbers) != 3 {
		return Programs{}, fmt.Errorf("`%s` is no version of three numbers", version)
	}
	stamped := fmt.Sprintf("-s -w -X %sgitVersion=%s -X %sgitMajor=%s -X %sgitMinor=%s", stamp, version, stamp, numbers[0], stamp, numbers[1])
	programs := Programs{
		APIServer:  filepath.Join(folder, "kube-apiserver"),
		Etcd:       filepath.Join(folder, "etcd"),
		Validation: filepath.Join(folder, "server-validation"),
	}
	for _, b := range []struct{ path, ldflags, main string }{
		{programs.APIServer, stamped, "k8s.io/kubernetes/cmd/kube-apiserver"},
		{programs.Etcd, "-s -w", "go.etcd.io/etcd/server/v3"},
		{programs.Validation, "-s -w", "./cmd/server-validation"},
	} {
		command := exec.CommandContext(ctx, toolchain, "build", "-trimpath", "-ldflags", b.ldflags, "-o", b.path, b.main)
		command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
		command.Stderr = os.Stderr
		if err := command.Run(); err != nil {
			return Programs{}, fmt.Errorf("build `%s`: %w", b.main, err)
		}
	}
	return programs, nil
}
