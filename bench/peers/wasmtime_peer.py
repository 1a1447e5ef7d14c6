"""Wasmtime as a peer: one JSON request per line, one answer per line (see ../peer.ts)."""

import json
import os
import resource
import sys
import time

import wasmtime


def make_engine():
    config = wasmtime.Config()
    config.cranelift_opt_level = 'speed'
    # One thread, as everybody else here.
    config.parallel_compilation = False
    return wasmtime.Engine(config)


class Peer:
    def __init__(self):
        self.engine = make_engine()
        self.module = None
        self.request = None

    def compile(self, request):
        with open(request['file'], 'rb') as file:
            code = file.read()
        begin = time.perf_counter()
        self.module = wasmtime.Module(self.engine, code)
        spent = time.perf_counter() - begin
        self.request = request
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return {'ms': spent * 1e3, 'peak': peak}

    def wasi(self):
        config = wasmtime.WasiConfig()
        config.argv = self.request['args']
        config.stdin_file = self.request['stdin'] or os.devnull
        config.stdout_file = os.devnull
        config.stderr_file = os.devnull
        config.preopen_dir(self.request['dir'], '.')
        return config

    def run(self, _request):
        store = wasmtime.Store(self.engine)
        store.set_wasi(self.wasi())
        linker = wasmtime.Linker(self.engine)
        linker.define_wasi()
        times = {}
        nothing = wasmtime.FuncType([], [])
        for name in ('start', 'end'):
            def stamp(name=name):
                times[name] = time.perf_counter()
            linker.define_func('bench', name, nothing, stamp)
        clock = wasmtime.FuncType([], [wasmtime.ValType.i64()])
        linker.define_func('env', 'clock_ms', clock, lambda: int(time.perf_counter() * 1e3))
        instance = linker.instantiate(store, self.module)
        # CoreMark returns iterations per second: see ../engines.ts.
        if any(e.name == 'run' for e in self.module.exports):
            return {'ms': 1e6 / instance.exports(store)['run'](store)}
        start = instance.exports(store)['_start']
        begin = time.perf_counter()
        try:
            start(store)
        except wasmtime.ExitTrap as error:
            if error.code != 0:
                raise
        spent = time.perf_counter() - begin
        if 'end' in times:
            spent = times['end'] - times['start']
        return {'ms': spent * 1e3}


def main():
    peer = Peer()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(peer, request['op'])(request)
        except Exception as error:  # The other side reports it.
            answer = {'error': str(error)}
        print(json.dumps(answer), flush=True)


main()
