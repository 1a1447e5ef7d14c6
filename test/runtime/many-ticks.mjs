// Interrupts WebAssembly all the time: GANTRY_TICK_US=50 node --import ./test/runtime/many-ticks.mjs PROGRAM, with the
// microseconds between two ticks. Any program must do exactly what it does without. Says at the end how many hit if
// GANTRY_TICK_REPORT is 1.
import { Engine, Instance, Module, parseWat, Store } from '../../dist/index.js'
import { callC, scratchAt, stateWord } from './cases/foreign.mjs'
import { processState } from './cases/layout.mjs'

const SYS = { gettid: 186, timer_create: 222, timer_settime: 223 }
const monotonic = 1
const notifyThread = 4

let hits = 0
const { interrupted } = Store.prototype
Store.prototype.interrupted = function (thread) {
  hits++
  interrupted.call(this, thread)
}

/** How often a tick has met WebAssembly. */
export function interruptions() {
  return hits
}

/** The signal is chosen when the first code is loaded. */
function tickSignal() {
  const engine = new Engine()
  Instance.create(new Store(engine), Module.compileSync(engine, parseWat('(module (func (export "f")))')), [])
  return stateWord(processState.tickSignal)
}

/** Sends the signal of ticks to this thread, every so many microseconds. */
export function startManyTicks(every) {
  const event = scratchAt(0x900)
  event.words.fill(0, 0, 32)
  event.words[2] = tickSignal()
  event.words[3] = notifyThread
  event.words[4] = callC('syscall', SYS.gettid)
  const timer = scratchAt(0xa00)
  if (callC('syscall', SYS.timer_create, monotonic, event.address, timer.address) !== 0) {
    throw new Error('there is no timer')
  }
  const time = scratchAt(0xb00)
  time.words.set([0, 0, every * 1000, 0, 0, 0, every * 1000, 0])
  callC('syscall', SYS.timer_settime, timer.words[0], 0, time.address, 0)
}

if (process.env.GANTRY_TICK_REPORT === '1') {
  process.on('exit', () => process.stderr.write(`${hits} interruptions\n`))
}
if (process.env.GANTRY_TICK_US !== undefined) startManyTicks(Number(process.env.GANTRY_TICK_US))
