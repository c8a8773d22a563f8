package protocol

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// window bounds the replies that wait for an earlier one, and with them the memory of a run.
const window = 64

// outgoing is one reply that may still be in the making.
type outgoing struct {
	ready   chan struct{}
	data    []byte
	outcome Outcome
}

// Serve answers every line of in on out until in ends, then writes the summary.
//
// Replies come in the order of the requests. It returns an error only when reading or writing fails.
func Serve(ctx context.Context, program Program, in io.Reader, out io.Writer) error {
	program.Hello.Reply, program.Hello.Protocol = "hello", Version
	writer := bufio.NewWriterSize(out, 1<<16)
	if err := writeLine(writer, program.Hello); err != nil {
		return err
	}
	if err := writer.Flush(); err != nil {
		return fmt.Errorf("write hello: %w", err)
	}
	queue := make(chan *outgoing, window)
	written := make(chan error, 1)
	summary := Summary{Reply: "summary"}
	go func() { written <- writeReplies(writer, queue, &summary) }()
	readErr := readRequests(ctx, program, in, queue)
	close(queue)
	if err := <-written; err != nil {
		return err
	}
	if readErr != nil {
		return fmt.Errorf("read requests: %w", readErr)
	}
	if err := writeLine(writer, summary); err != nil {
		return err
	}
	return writer.Flush()
}

// readRequests dispatches every non-blank line; lines have no length limit.
func readRequests(ctx context.Context, program Program, in io.Reader, queue chan<- *outgoing) error {
	reader := bufio.NewReaderSize(in, 1<<16)
	pool := newPool(program.Workers)
	defer pool.close()
	for number := 1; ; number++ {
		line, err := reader.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			dispatch(ctx, program, pool, queue, numbered{line, number})
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

type numbered struct {
	line   []byte
	number int
}

// dispatch queues the reply slot first, so that order is that of the input whatever finishes first.
func dispatch(ctx context.Context, program Program, pool *pool, queue chan<- *outgoing, input numbered) {
	slot := &outgoing{ready: make(chan struct{})}
	queue <- slot
	request, err := decodeEnvelope(input.line)
	answer := func() {
		defer close(slot.ready)
		reply := Reply{ID: request.ID, Line: input.number, Reply: request.Request}
		if err != nil {
			reply.fail(err)
		} else {
			program.answer(ctx, request, &reply)
		}
		slot.data = encodeReply(&reply)
		slot.outcome = reply.Outcome
	}
	if program.Kinds[request.Request].Alone {
		pool.wait()
		answer()
		return
	}
	pool.run(answer)
}

// encodeReply turns a result that cannot be encoded into an unjudged reply.
func encodeReply(reply *Reply) []byte {
	data, err := marshalRecovered(reply)
	if err != nil {
		reply.fail(fmt.Errorf("encode the result: %w", err))
		data, _ = marshalLine(reply)
	}
	return data
}

// marshalRecovered encodes a result of the program, whose own marshallers may panic.
func marshalRecovered(reply *Reply) (data []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &Problem{Reason: ReasonPanic, Message: fmt.Sprint(cause)}
		}
	}()
	return marshalLine(reply)
}

func marshalLine(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return buffer.Bytes(), err
}

func writeLine(writer *bufio.Writer, value any) error {
	data, err := marshalLine(value)
	if err != nil {
		return fmt.Errorf("encode a line: %w", err)
	}
	_, err = writer.Write(data)
	return err
}

// writeReplies writes in order, counts, and flushes whenever the next reply is not there yet.
func writeReplies(writer *bufio.Writer, queue <-chan *outgoing, summary *Summary) error {
	var failed error
	for slot := range queue {
		select {
		case <-slot.ready:
		default:
			failed = cmp.Or(failed, writer.Flush())
			<-slot.ready
		}
		summary.count(slot.outcome)
		if failed == nil {
			_, failed = writer.Write(slot.data)
		}
		if len(queue) == 0 {
			failed = cmp.Or(failed, writer.Flush())
		}
	}
	if failed != nil {
		return fmt.Errorf("write replies: %w", failed)
	}
	return nil
}

func (s *Summary) count(outcome Outcome) {
	s.Received++
	switch outcome {
	case Judged:
		s.Judged++
	case Done:
		s.Done++
	default:
		s.Unjudged++
	}
}

// pool runs functions on a fixed number of goroutines.
type pool struct {
	work    chan func()
	pending sync.WaitGroup
}

func newPool(workers int) *pool {
	p := &pool{work: make(chan func())}
	for range max(workers, 1) {
		go func() {
			for task := range p.work {
				task()
				p.pending.Done()
			}
		}()
	}
	return p
}

func (p *pool) run(task func()) {
	p.pending.Add(1)
	p.work <- task
}

func (p *pool) wait() { p.pending.Wait() }

func (p *pool) close() {
	p.wait()
	close(p.work)
}
