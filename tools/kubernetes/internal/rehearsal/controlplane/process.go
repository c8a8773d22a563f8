package controlplane

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// patience is how long a process may take to end once it was asked to.
const patience = 10 * time.Second

// logTail is how much of a log an error quotes.
const logTail = 2000

// process is one program that runs until it is stopped.
type process struct {
	name    string
	command *exec.Cmd
	log     string
	cancel  context.CancelFunc
	ended   chan struct{}
}

// start runs a program with its output in a file of the folder.
func start(ctx context.Context, folder, path string, args ...string) (*process, error) {
	p := &process{name: filepath.Base(path), ended: make(chan struct{})}
	p.log = filepath.Join(folder, p.name+".log")
	output, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = output.Close() }()
	ctx, p.cancel = context.WithCancel(ctx)
	p.command = exec.CommandContext(ctx, path, args...)
	p.command.Cancel = func() error { return p.command.Process.Signal(syscall.SIGTERM) }
	p.command.WaitDelay = patience
	p.command.Dir, p.command.Stdout, p.command.Stderr = folder, output, output
	if err := p.command.Start(); err != nil {
		p.cancel()
		return nil, fmt.Errorf("start `%s`: %w", p.name, err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop ends the process and waits for its end, by force when it does not obey.
func (p *process) stop() {
	if p != nil {
		p.cancel()
		<-p.ended
	}
}

// failed reports why the process ended, with the end of its log; it is nil while the process runs.
func (p *process) failed() error {
	select {
	case <-p.ended:
		data, err := os.ReadFile(p.log)
		if err != nil {
			return fmt.Errorf("`%s` ended: %w", p.name, err)
		}
		tail := string(data[max(0, len(data)-logTail):])
		return fmt.Errorf("`%s` ended: %s", p.name, strings.TrimSpace(tail))
	default:
		return nil
	}
}

// freePorts asks the system for ports that nobody listens on.
func freePorts(count int) ([]int, error) {
	ports := make([]int, count)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
