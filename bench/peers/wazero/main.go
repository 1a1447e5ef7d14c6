// wazero as a peer: one JSON request per line, one answer per line (see ../../peer.ts).
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
)

type request struct {
	Op    string   `json:"op"`
	File  string   `json:"file"`
	Args  []string `json:"args"`
	Dir   string   `json:"dir"`
	Stdin *string  `json:"stdin"`
}

type answer struct {
	Ms    float64 `json:"ms"`
	Peak  float64 `json:"peak,omitempty"`
	Error string  `json:"error,omitempty"`
}

type peer struct {
	ctx        context.Context
	runtime    wazero.Runtime
	module     wazero.CompiledModule
	current    request
	start, end time.Time
}

var started = time.Now()

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

// A runtime of its own for each program: a runtime keeps what it has compiled.
func (p *peer) compile(r request) (answer, error) {
	code, err := os.ReadFile(r.File)
	if err != nil {
		return answer{}, err
	}
	if p.runtime != nil {
		p.runtime.Close(p.ctx)
	}
	p.runtime = wazero.NewRuntimeWithConfig(p.ctx, wazero.NewRuntimeConfigCompiler())
	wasi_snapshot_preview1.MustInstantiate(p.ctx, p.runtime)
	_, err = p.runtime.NewHostModuleBuilder("bench").
		NewFunctionBuilder().WithFunc(func() { p.start = time.Now() }).Export("start").
		NewFunctionBuilder().WithFunc(func() { p.end = time.Now() }).Export("end").
		Instantiate(p.ctx)
	if err != nil {
		return answer{}, err
	}
	_, err = p.runtime.NewHostModuleBuilder("env").
		NewFunctionBuilder().WithFunc(func() int64 { return time.Since(started).Milliseconds() }).Export("clock_ms").
		Instantiate(p.ctx)
	if err != nil {
		return answer{}, err
	}
	begin := time.Now()
	p.module, err = p.runtime.CompileModule(p.ctx, code)
	spent := time.Since(begin)
	p.current = r
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return answer{Ms: ms(spent), Peak: float64(usage.Maxrss) / 1024}, err
}

func (p *peer) run() (answer, error) {
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions().
		WithArgs(p.current.Args...).WithStdout(io.Discard).WithStderr(io.Discard).
		WithSysWalltime().WithSysNanotime().
		WithFSConfig(wazero.NewFSConfig().WithDirMount(p.current.Dir, "."))
	if p.current.Stdin != nil {
		file, err := os.Open(*p.current.Stdin)
		if err != nil {
			return answer{}, err
		}
		defer file.Close()
		config = config.WithStdin(file)
	}
	p.end = time.Time{}
	instance, err := p.runtime.InstantiateModule(p.ctx, p.module, config)
	if err != nil {
		return answer{}, err
	}
	defer instance.Close(p.ctx)
	// CoreMark returns iterations per second: see ../../engines.ts.
	if run := instance.ExportedFunction("run"); run != nil {
		results, err := run.Call(p.ctx)
		if err != nil {
			return answer{}, err
		}
		return answer{Ms: 1e6 / float64(math.Float32frombits(uint32(results[0])))}, nil
	}
	begin := time.Now()
	_, err = instance.ExportedFunction("_start").Call(p.ctx)
	spent := time.Since(begin)
	if !p.end.IsZero() {
		spent = p.end.Sub(p.start)
	}
	var exit *sys.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 0 {
		err = nil
	}
	return answer{Ms: ms(spent)}, err
}

func (p *peer) handle(r request) answer {
	do := p.run
	if r.Op == "compile" {
		do = func() (answer, error) { return p.compile(r) }
	}
	a, err := do()
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

func main() {
	// One thread, as everybody else here.
	runtime.GOMAXPROCS(1)
	p := &peer{ctx: context.Background()}
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			panic(err)
		}
		_ = out.Encode(p.handle(r))
	}
}
