package request

import (
	"context"
	"slices"
)

// Gaps collects what a strategy asked of the cluster that nobody could answer; one request fills it.
type Gaps struct{ whys []string }

type gapsKey struct{}

// WithGaps returns a context that collects gaps.
func WithGaps(ctx context.Context) (context.Context, *Gaps) {
	gaps := &Gaps{}
	return context.WithValue(ctx, gapsKey{}, gaps), gaps
}

// Gap notes that an answer was assumed; without WithGaps it does nothing.
func Gap(ctx context.Context, why string) {
	if gaps, ok := ctx.Value(gapsKey{}).(*Gaps); ok && !slices.Contains(gaps.whys, why) {
		gaps.whys = append(gaps.whys, why)
	}
}

// Whys lists the gaps.
func (g *Gaps) Whys() []string { return g.whys }
