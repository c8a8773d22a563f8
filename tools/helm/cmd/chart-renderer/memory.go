package main

import (
	"fmt"
	"os"
	"runtime/metrics"
	"time"
)

// most bytes of memory that charts may take: the largest known charts take a tenth.
const most = 2 << 30

const heap = "/memory/classes/heap/objects:bytes"

// watchMemory ends the program before a template that grows without end exhausts the machine.
func watchMemory() {
	sample := []metrics.Sample{{Name: heap}}
	for range time.Tick(20 * time.Millisecond) {
		if metrics.Read(sample); sample[0].Value.Uint64() > most {
			fmt.Fprintf(os.Stderr, "a chart takes more than %d MiB of memory\n", most>>20)
			os.Exit(1)
		}
	}
}
