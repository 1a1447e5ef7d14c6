// npm run bench [-- run|call|exceptions|config|compile…]: gantry beside V8's own engine in the same process, interleaved, medians and
// ratios. V8 is told not to use its baseline compiler, so that what is compared is optimised code.

import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--no-liftoff')

const suites: Readonly<Record<string, () => Promise<void>>> = {
  run: async () => (await import('./run.js')).benchRun(process.argv.slice(3)),
  // configs none/single_pass:speed/linear_scan [PROGRAM…]
  configs: async () => (await import('./run.js')).benchConfigs(process.argv[3] ?? '', process.argv.slice(4)),
  call: async () => (await import('./call.js')).benchCalls(),
  config: async () => {
    const { benchConfig } = await import('./config.js')
    const [setting, ...programs] = process.argv.slice(3)
    const settings = setting === undefined ? ['signalsBasedTraps=false', 'trapStyle=illegal'] : [setting]
    for (const s of settings) benchConfig(s, programs)
  },
  exceptions: async () => (await import('./exceptions.js')).benchExceptions(),
  compile: async () => (await import('./compile.js')).benchCompile(),
}

const wanted = process.argv[2] === undefined ? ['run', 'call', 'exceptions', 'compile'] : [process.argv[2]]
for (const name of wanted) {
  const suite = suites[name]
  if (suite === undefined) {
    console.error(`there is no benchmark ${name}; there are ${Object.keys(suites).join(', ')}`)
    process.exit(2)
  }
  await suite()
}
