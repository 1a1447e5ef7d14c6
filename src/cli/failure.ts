// How commands end: exit codes, and errors as lines on stderr.

/** Exit codes of the command line itself; `run` otherwise ends with the program's. */
export const enum ExitCode {
  Success = 0,
  /** The command was understood, but what it was to do failed. */
  Failure = 1,
  /** Unknown options, commands, files: nothing was done. */
  Usage = 2,
  /** A bug of gantry. */
  Bug = 70,
  /** As a shell reports a process that was aborted: the program trapped. */
  Trap = 134,
}

/** The command line asks for something that is not possible: one line, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Writes the line that says why nothing, or not everything, was done. */
export function complain(message: string): void {
  process.stderr.write(`gantry: ${message}\n`)
}

/** A sentence about a failed system call on a file. */
export function fileProblem(path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a directory',
    ENOTDIR: 'part of the path is not a directory',
    EACCES: 'permission denied',
  }
  const reason = reasons[code ?? ''] ?? (error instanceof Error ? error.message : String(error))
  return `${path}: ${reason}`
}
