// Addition, subtraction, negation, multiplication, division.

/** See rule-text.ts for the notation, rewriter.ts for the law. */
export const arithmetic = `
; x + 0 = x
(iadd x 0) => x

; (x + a) + b = x + (a + b)
(iadd (iadd x A) B) => (iadd x [iadd A B])

; (a − x) + b = (a + b) − x
(iadd (isub A x) B) => (isub [iadd A B] x)

; x + −y = x − y
(iadd x (ineg y)) => (isub x y)

; −x + y = y − x
(iadd (ineg x) y) => (isub y x)

; y + (x − y) = x
(iadd y (isub x y)) => x

; x − x = 0
(isub x x) => 0

; x − a = x + −a
(isub x A) => (iadd x [ineg A])

; 0 − x = −x
(isub 0 x) => (ineg x)

; a − (x + b) = (a − b) − x
(isub A (iadd x B)) => (isub [isub A B] x)

; a − (b − x) = x + (a − b)
(isub A (isub B x)) => (iadd x [isub A B])

; x − −y = x + y
(isub x (ineg y)) => (iadd x y)

; (x + y) − y = x
(isub (iadd x y) y) => x

; (x + y) − x = y
(isub (iadd x y) x) => y

; x − (x − y) = y
(isub x (isub x y)) => y

; x − (x + y) = −y
(isub x (iadd x y)) => (ineg y)

; x − (y + x) = −y
(isub x (iadd y x)) => (ineg y)

; −−x = x
(ineg (ineg x)) => x

; −(x − y) = y − x
(ineg (isub x y)) => (isub y x)

; −(x + a) = −a − x
(ineg (iadd x A)) => (isub [ineg A] x)

; x · 0 = 0
(imul x 0) => 0

; x · 1 = x
(imul x 1) => x

; x · −1 = −x
(imul x -1) => (ineg x)

; x · 2ᵏ = x « k
(imul x A) when (pow2 A) => (ishl x [log2 A])

; (x · a) · b = x · (a · b)
(imul (imul x A) B) => (imul x [imul A B])

; (x « a) · b = x · (b « a)
(imul (ishl x A) B) => (imul x [ishl B A])

; −x · a = x · −a
(imul (ineg x) A) => (imul x [ineg A])

; −x · −y = x · y
(imul (ineg x) (ineg y)) => (imul x y)

; x ÷ 1 = x, unsigned
(udiv x 1) => x

; x ÷ 1 = x, signed
(sdiv x 1) => x

; x ÷ 2ᵏ = x » k, unsigned
(udiv x A) when (pow2 A) => (ushr x [log2 A])

; x mod 1 = 0, unsigned
(urem x 1) => 0

; x mod 1 = 0, signed
(srem x 1) => 0

; x mod −1 = 0, signed
(srem x -1) => 0

; x mod 2ᵏ = the low k bits, unsigned
(urem x A) when (pow2 A) => (band x [isub A 1])

; ||x|| = |x|
(iabs m@(iabs x)) => m

; |−x| = |x|
(iabs (ineg x)) => (iabs x)

; min(x, x) = x, unsigned
(umin x x) => x

; max(x, x) = x, unsigned
(umax x x) => x

; min(x, x) = x, signed
(smin x x) => x

; max(x, x) = x, signed
(smax x x) => x

; min(x, 0) = 0, unsigned
(umin x 0) => 0

; max(x, 0) = x, unsigned
(umax x 0) => x

; min(x, all ones) = x, unsigned
(umin x -1) => x

; max(x, all ones) = all ones, unsigned
(umax x -1) => -1
`
