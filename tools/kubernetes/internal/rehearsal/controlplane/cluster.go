package controlplane

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
)

// readyWithin is how long the server may take to become ready.
const readyWithin = 2 * time.Minute

// Cluster is a running control plane.
type Cluster struct {
	// URL is where the server listens, on loopback.
	URL string
	// HTTP trusts the server's certificate and sends the administrator's token.
	HTTP *http.Client
	// Ready is how long the start took.
	Ready time.Duration

	folder       string
	etcd, server *process
}

// Start runs etcd and the API server until Stop, or until the context ends.
func Start(ctx context.Context, programs Programs) (*Cluster, error) {
	begun := time.Now()
	folder, err := os.MkdirTemp("", "aurora-rehearsal-")
	if err != nil {
		return nil, err
	}
	c := &Cluster{folder: folder}
	if err := c.start(ctx, programs); err != nil {
		c.Stop()
		return nil, err
	}
	c.Ready = time.Since(begun)
	return c, nil
}

// Stop ends both processes and removes everything that they wrote.
func (c *Cluster) Stop() {
	c.server.stop()
	c.etcd.stop()
	_ = os.RemoveAll(c.folder)
}

func (c *Cluster) start(ctx context.Context, programs Programs) error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	token, err := c.secrets()
	if err != nil {
		return err
	}
	client, peer := fmt.Sprintf("http://127.0.0.1:%d", ports[0]), fmt.Sprintf("http://127.0.0.1:%d", ports[1])
	c.etcd, err = start(ctx, c.folder, programs.Etcd,
		"--data-dir=data", "--log-level=warn", "--unsafe-no-fsync", "--listen-client-urls="+client, "--advertise-client-urls="+client,
		"--listen-peer-urls="+peer, "--initial-advertise-peer-urls="+peer, "--initial-cluster=default="+peer)
	if err != nil {
		return err
	}
	c.server, err = start(ctx, c.folder, programs.APIServer, serverFlags(client, ports[2])...)
	if err != nil {
		return err
	}
	c.URL = fmt.Sprintf("https://127.0.0.1:%d", ports[2])
	return c.ready(ctx, token)
}

// serverFlags sets what offline validation assumes of a cluster: both address families with IPv4 first, privileged
// containers allowed, everything else as it is by default.
func serverFlags(etcd string, port int) []string {
	return []string{
		"--etcd-servers=" + etcd, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port),
		"--cert-dir=certificates", "--token-auth-file=tokens.csv", "--authorization-mode=AlwaysAllow", "--anonymous-auth=false",
		"--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/112", "--endpoint-reconciler-type=none", "--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file=accounts.key",
		"--service-account-signing-key-file=accounts.key", "--profiling=false",
	}
}

// secrets writes the administrator's token and the key that signs service account tokens.
func (c *Cluster) secrets() (string, error) {
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	token := hex.EncodeToString(random)
	row := token + `,kubernetes-admin,admin,"system:masters"` + "\n"
	if err := os.WriteFile(filepath.Join(c.folder, "tokens.csv"), []byte(row), 0o600); err != nil {
		return "", err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", err
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return token, os.WriteFile(filepath.Join(c.folder, "accounts.key"), block, 0o600)
}

// ready waits until the server says that it is.
func (c *Cluster) ready(ctx context.Context, token string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for {
		if err := errors.Join(c.etcd.failed(), c.server.failed()); err != nil {
			return err
		}
		if c.HTTP == nil {
			c.HTTP = c.client(token)
		}
		if c.HTTP != nil && answers(ctx, c.HTTP, c.URL+"/readyz") {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API server is not ready: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// client trusts the certificate that the server wrote for itself; it is nil before there is one.
func (c *Cluster) client(token string) *http.Client {
	client, err := rest.HTTPClientFor(&rest.Config{
		BearerToken: token, Timeout: 5 * time.Minute, Proxy: func(*http.Request) (*url.URL, error) { return nil, nil },
		TLSClientConfig: rest.TLSClientConfig{CAFile: filepath.Join(c.folder, "certificates", "apiserver.crt")},
	})
	if err != nil {
		return nil
	}
	return client
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	return response.StatusCode == http.StatusOK
}
