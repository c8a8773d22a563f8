// Command rehearsal-redis keeps Argo CD's cache in memory for a rehearsal: Redis' protocol, without Redis.
//
// It listens on the address that it is given until it is told to stop. It must not know what is kept in it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
)

const library = "github.com/alicebob/miniredis/v2"

func main() {
	address := flag.String("listen", "127.0.0.1:0", "address to listen on")
	version := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *version {
		fmt.Println("rehearsal-redis miniredis", linked())
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, *address); err != nil {
		fmt.Fprintln(os.Stderr, "rehearsal-redis:", err)
		os.Exit(1)
	}
}

// serve answers until the context ends. The library's clock stands still by itself, so that nothing would ever expire.
func serve(ctx context.Context, address string) error {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(address); err != nil {
		return err
	}
	defer server.Close()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-second.C:
			server.FastForward(time.Second)
		}
	}
}

func linked() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, module := range info.Deps {
		if module.Path == library {
			return module.Version
		}
	}
	return "unknown"
}
