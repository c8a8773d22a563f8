// Package render renders Helm charts so that the same archive, values and cluster give the same objects.
//
// It owns the requests, what a chart may call, and how an error is traced to its template. Helm's engine does the
// rendering. It judges no object and opens nothing but the archives that requests name.
package render

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"runtime/debug"

	"helm.sh/helm/v4/pkg/chart/common"

	"aurora.example/tools/protocol"
)

// Name of the program in the protocol's first line.
const Name = "chart-renderer"

const helmModule = "helm.sh/helm/v4"

// Reasons for which a request has no result, beside the protocol's own.
const (
	// ReasonArchive: the archive cannot be read as a chart.
	ReasonArchive = "unreadable-chart"
	// ReasonValues: the values cannot be merged with those of the chart.
	ReasonValues = "unusable-values"
	// ReasonKubernetes: the chart's `kubeVersion` excludes the cluster.
	ReasonKubernetes = "incompatible-kubernetes"
	// ReasonTemplate: a template cannot be parsed, or ends in an error.
	ReasonTemplate = "template-error"
	// ReasonHermetic: a template calls a function whose result depends on more than chart, values and cluster.
	ReasonHermetic = "not-reproducible"
	// ReasonOutput: what a template gives is no YAML, or a part of it has no kind.
	ReasonOutput = "unreadable-output"
)

// Session is one run of the program; `configure` changes the cluster that charts are rendered for.
type Session struct {
	capabilities *common.Capabilities
	limit        protocol.Limit
}

// NewSession starts a run for the Kubernetes version that Helm links.
func NewSession() *Session {
	log.SetOutput(io.Discard) // Helm's merge of values writes its warnings there.
	return &Session{capabilities: common.DefaultCapabilities.Copy()}
}

// Program describes the session to the protocol's loop.
func (s *Session) Program(version string) protocol.Program {
	return protocol.Program{
		Hello: protocol.Hello{
			Program: Name, Version: version, Requests: []string{"configure", "inspect", "render", "effects"},
			Linked: map[string]string{"helm": LinkedHelm()},
		},
		Kinds: map[string]protocol.Kind{
			"configure": {Handle: s.configure, Alone: true},
			"inspect":   {Handle: s.inspect, Judges: true},
			"render":    {Handle: s.render, Judges: true},
			"effects":   {Handle: s.effects, Judges: true},
		},
		TimeLimit: s.limit.Get,
		Workers:   protocol.Workers(),
	}
}

// LinkedHelm reads the version of Helm that the build linked.
func LinkedHelm() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == helmModule {
				return module.Version
			}
		}
	}
	return "unknown"
}

// configuration is the cluster: charts ask for its version and for the versions of its API.
type configuration struct {
	Kubernetes            string   `json:"kubernetes"`
	APIVersions           []string `json:"apiVersions"`
	TimeLimitMilliseconds *int     `json:"timeLimitMilliseconds"`
}

// configure replaces the cluster. Nothing changes when the version is unusable.
func (s *Session) configure(_ context.Context, body json.RawMessage) (any, error) {
	var wanted configuration
	if err := protocol.Decode(body, &wanted); err != nil {
		return nil, err
	}
	capabilities := common.DefaultCapabilities.Copy()
	if wanted.Kubernetes != "" {
		version, err := common.ParseKubeVersion(wanted.Kubernetes)
		if err != nil {
			return nil, &protocol.Problem{Reason: protocol.ReasonMalformed, Message: fmt.Sprintf("`kubernetes`: %v", err)}
		}
		capabilities.KubeVersion = *version
	}
	if wanted.APIVersions != nil {
		capabilities.APIVersions = wanted.APIVersions
	}
	s.capabilities = capabilities
	s.limit.Set(wanted.TimeLimitMilliseconds)
	return map[string]any{
		"kubernetes": capabilities.KubeVersion.Version, "apiVersions": len(capabilities.APIVersions),
	}, nil
}
