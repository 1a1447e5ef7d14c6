// Cost of exceptions: thrown and caught at some distance, and a loop inside a try that never throws. The legacy form, since
// V8 knows it everywhere.

import { Engine, Instance, Module, parseWat, Store } from '../src/index.js'
import { type Case, measure } from './call.js'
import { v8 } from './engines.js'
import type { BenchOptions } from './options.js'
import type { Result } from './results.js'

const wat = `(module
  (tag $t (param i32))
  (global $g (mut i32) (i32.const 0))
  (func $deep (param i32 i32)
    (if (i32.eqz (local.get 0)) (then (throw $t (local.get 1))))
    (call $deep (i32.sub (local.get 0) (i32.const 1)) (local.get 1))
    (global.set $g (i32.const 1)))
  (func $work (param i32) (result i32) (i32.add (local.get 0) (global.get $g)))
  (func (export "throw") (param i32 i32) (result i32) (local i32)
    (loop $next
      (local.set 2 (i32.add (local.get 2)
        (try (result i32) (do (call $deep (local.get 1) (i32.const 1)) (i32.const 0)) (catch $t))))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 2))
  (func (export "try") (param i32 i32) (result i32) (local i32)
    (loop $next
      (local.set 2 (i32.add (local.get 2) (try (result i32) (do (call $work (local.get 0))) (catch $t))))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 2))
  (func (export "plain") (param i32 i32) (result i32) (local i32)
    (loop $next
      (local.set 2 (i32.add (local.get 2) (call $work (local.get 0))))
      (br_if $next (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 2)))`

type Run = (times: number, depth: number) => unknown

/** Times throws, and loops that never throw. */
export function benchExceptions(options: BenchOptions): Promise<Result[]> {
  // What is thrown in an inlined function and caught around it is a branch.
  const engine = new Engine({ inlining: false })
  const bytes = parseWat(wat)
  const ours = Instance.create(new Store(engine), Module.compileSync(engine, bytes), [])
  const theirs = new v8.Instance(new v8.Module(bytes), {}).exports as Record<string, Run>
  const make = (name: string, what: string, depth: number, times: number): Case => ({
    name,
    gantry: n => void ours.func(what).call(n, depth),
    v8: n => void (theirs[what] as Run)(n, depth),
    times,
  })
  const cases = [
    make('throw and catch, 1 frame apart', 'throw', 0, 2e4),
    make('throw and catch, 10 frames apart', 'throw', 9, 1e4),
    make('throw and catch, 1,000 frames apart', 'throw', 999, 200),
    make('call in a loop, inside a try', 'try', 0, 1e6),
    make('call in a loop', 'plain', 0, 1e6),
  ]
  return measure('exceptions', cases, options)
}
