// Package client speaks to the API server of a rehearsal.
//
// It owns requests and answers. It decides nothing about them: a refusal is an answer, an error means that there is none.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// Types of bodies.
const (
	JSON       = "application/json"
	YAML       = "application/yaml"
	MergePatch = "application/merge-patch+json"
	Apply      = "application/apply-patch+yaml"
)

// Client sends requests to one server.
type Client struct {
	url       string
	http      *http.Client
	discovery discovery.ServerResourcesInterface
	// resources are the resource lists of the versions asked for so far.
	resources map[string]map[string]Resource
}

// New returns a client; the HTTP client authenticates.
func New(url string, http *http.Client) (*Client, error) {
	lists, err := discovery.NewDiscoveryClientForConfigAndClient(&rest.Config{Host: url, QPS: -1}, http)
	return &Client{url: url, http: http, discovery: lists, resources: map[string]map[string]Resource{}}, err
}

// Request is one request; Query may be nil.
type Request struct {
	Method, Path, Type string
	Query              url.Values
	Body               []byte
}

// Answer is what the server said.
type Answer struct {
	Code     int
	Warnings []string
	// Status is set when the server refused.
	Status *metav1.Status
	// Object is set when the server did not refuse.
	Object map[string]any
}

// Accepted reports whether the server did what was asked.
func (a *Answer) Accepted() bool { return a != nil && a.Status == nil }

// Message is why the server refused.
func (a *Answer) Message() string {
	if a == nil || a.Status == nil {
		return ""
	}
	return a.Status.Message
}

// Do sends a request and reads the answer, whatever its code.
func (c *Client) Do(ctx context.Context, r Request) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, c.url+r.Path+"?"+r.Query.Encode(), bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", JSON)
	if r.Type != "" {
		request.Header.Set("Content-Type", r.Type)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the API server: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the API server's answer: %w", err)
	}
	answer := &Answer{Code: response.StatusCode, Warnings: warnings(response.Header)}
	return answer, answer.read(body)
}

// Must sends a request that the server has to accept, or where named to refuse with that code.
func (c *Client) Must(ctx context.Context, r Request, unless ...int) (*Answer, error) {
	answer, err := c.Do(ctx, r)
	if err == nil && !answer.Accepted() && !slices.Contains(unless, answer.Code) {
		err = fmt.Errorf("%s %s: %s", r.Method, r.Path, answer.Message())
	}
	return answer, err
}

func (a *Answer) read(body []byte) error {
	if a.Code >= http.StatusBadRequest {
		a.Status = &metav1.Status{}
		if err := json.Unmarshal(body, a.Status); err != nil || a.Status.Kind != "Status" {
			a.Status = &metav1.Status{Message: string(body)}
		}
		return nil
	}
	if err := json.Unmarshal(body, &a.Object); err != nil {
		return fmt.Errorf("read the API server's answer: %w", err)
	}
	return nil
}

func warnings(header http.Header) []string {
	parsed, _ := utilnet.ParseWarningHeaders(header.Values("Warning"))
	texts := make([]string, len(parsed))
	for i, warning := range parsed {
		texts[i] = warning.Text
	}
	return texts
}
