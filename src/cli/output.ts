// Standard output for listings: people pipe them into programs that stop reading.

/** As a shell reports a process that wrote to a closed pipe. */
const closedPipe = 141

let listening = false

/** Writes text to stdout. A reader that has gone ends the process quietly. */
export function print(text: string): void {
  if (!listening) {
    listening = true
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(closedPipe)
      throw error
    })
  }
  process.stdout.write(text)
}
