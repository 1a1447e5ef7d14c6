// How a guest's wish to end travels to the embedder.

/**
 * Thrown by `proc_exit` and `proc_raise`. The engine lets it unwind the guest's frames like a trap and hands it to the
 * caller of the export; it is not an error. `code` is the exit code as the guest gave it, or 128 + the number of the
 * signal that the guest raised.
 */
export class WasiExit extends Error {
  override readonly name = 'WasiExit'
  constructor(
    readonly code: number,
    readonly signal: string | undefined = undefined,
  ) {
    super(signal === undefined ? `the program exited with code ${code}` : `the program raised ${signal}`)
  }
}
