package controlplane

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func shell(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	return path
}

func TestAStoppedProcessHasEnded(t *testing.T) {
	p, err := start(context.Background(), t.TempDir(), shell(t), "-c", "exec sleep 600")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.failed(); err != nil {
		t.Errorf("it runs: %v", err)
	}
	p.stop()
	if err := p.failed(); err == nil {
		t.Error("it still runs")
	}
}

func TestAProcessEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p, err := start(ctx, t.TempDir(), shell(t), "-c", "exec sleep 600")
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Error("it still runs")
	}
}

func TestAProcessThatFailsIsQuoted(t *testing.T) {
	p, err := start(context.Background(), t.TempDir(), shell(t), "-c", "echo no such flag >&2; exit 1")
	if err != nil {
		t.Fatal(err)
	}
	<-p.ended
	if err := p.failed(); err == nil || !strings.Contains(err.Error(), "no such flag") {
		t.Errorf("%v", err)
	}
}

func TestAClusterThatCannotStartLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	if _, err := Start(context.Background(), Programs{Etcd: shell(t), APIServer: "/nowhere"}); err == nil {
		t.Error("started")
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
}
