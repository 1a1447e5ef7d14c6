// After each test, lets the test runner's messages through: a long row of tests that never wait would hold its worker's
// answers up until it takes the worker for lost ("Timeout calling onTaskUpdate").

import { afterEach } from 'vitest'

afterEach(() => new Promise<void>(resolve => setImmediate(resolve)))
