// Shifts and rotations. Counts are taken modulo the width.

/** See rule-text.ts for the notation, rewriter.ts for the law. */
export const shifts = `
; x « 0 = x, also for multiples of the width
(ishl x A) when (noShift A) => x

; x » 0 = x, unsigned
(ushr x A) when (noShift A) => x

; x » 0 = x, signed
(sshr x A) when (noShift A) => x

; x rotated by 0 = x, left
(rotl x A) when (noShift A) => x

; x rotated by 0 = x, right
(rotr x A) when (noShift A) => x

; 0 « x = 0
(ishl 0 x) => 0

; 0 » x = 0, unsigned
(ushr 0 x) => 0

; 0 » x = 0, signed
(sshr 0 x) => 0

; −1 » x = −1, signed
(sshr -1 x) => -1

; (x « a) « b = x « (a + b)
(ishl (ishl x A) B) when (shiftsAdd A B) => (ishl x [iadd A B])

; (x » a) » b = x » (a + b), unsigned
(ushr (ushr x A) B) when (shiftsAdd A B) => (ushr x [iadd A B])

; (x » a) » b = x » (a + b), signed
(sshr (sshr x A) B) when (shiftsAdd A B) => (sshr x [iadd A B])

; the sign bit of x » a is that of x
(ushr (sshr x y) A) when (coversCount A) => (ushr x A)

; shifting the low half of an i64 up and down again is a zero extension
(ushr.i64 (ishl x 32) 32) => (uextend.i64 (ireduce.i32 x))

; the low two bytes of an i64
(ushr.i64 (ishl x 48) 48) => (uextend.i64 (ireduce.i16 x))

; the low byte of an i64
(ushr.i64 (ishl x 56) 56) => (uextend.i64 (ireduce.i8 x))

; the low two bytes of an i32
(ushr.i32 (ishl x 16) 16) => (uextend.i32 (ireduce.i16 x))

; the low byte of an i32
(ushr.i32 (ishl x 24) 24) => (uextend.i32 (ireduce.i8 x))

; the low half of an i64 with its sign
(sshr.i64 (ishl x 32) 32) => (sextend.i64 (ireduce.i32 x))

; the low two bytes of an i64 with their sign
(sshr.i64 (ishl x 48) 48) => (sextend.i64 (ireduce.i16 x))

; the low byte of an i64 with its sign
(sshr.i64 (ishl x 56) 56) => (sextend.i64 (ireduce.i8 x))

; the low two bytes of an i32 with their sign
(sshr.i32 (ishl x 16) 16) => (sextend.i32 (ireduce.i16 x))

; the low byte of an i32 with its sign
(sshr.i32 (ishl x 24) 24) => (sextend.i32 (ireduce.i8 x))

; (x « a) » a = the low bits, where their mask is cheap
(ushr (ishl x A) A) when (lowMask A) => (band x [ushr -1:T A]:T)

; (x » a) « a = the high bits, where their mask is cheap
(ishl (ushr x A) A) when (highMask A) => (band x [ishl -1:T A]:T)

; (x » a) « a = the high bits, signed
(ishl (sshr x A) A) when (highMask A) => (band x [ishl -1:T A]:T)

; the count is extended for nothing: shift left
(ishl x (uextend y)) => (ishl x y)

; the count is extended for nothing: shift right, unsigned
(ushr x (uextend y)) => (ushr x y)

; the count is extended for nothing: shift right, signed
(sshr x (uextend y)) => (sshr x y)

; the count is masked for nothing: shift left
(ishl x (band y A)) when (coversCount A) => (ishl x y)

; the count is masked for nothing: shift right, unsigned
(ushr x (band y A)) when (coversCount A) => (ushr x y)

; the count is masked for nothing: shift right, signed
(sshr x (band y A)) when (coversCount A) => (sshr x y)

; the count is masked for nothing: rotation to the left
(rotl x (band y A)) when (coversCount A) => (rotl x y)

; the count is masked for nothing: rotation to the right
(rotr x (band y A)) when (coversCount A) => (rotr x y)
`
