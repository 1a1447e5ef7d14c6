// Floats: only what is exact bit for bit. x · 1 and x + −0 are not here: they turn a signalling NaN into a quiet one.

/** See rule-text.ts for the notation, rewriter.ts for the law. */
export const floats = `
; the sign changed twice
(fneg (fneg x)) => x

; the size of −x
(fabs (fneg x)) => (fabs x)

; the size of a size
(fabs m@(fabs x)) => m

; x with its own sign
(fcopysign x x) => x

; the sign of y, whatever the sign of x was: negated
(fcopysign (fneg x) y) => (fcopysign x y)

; the sign of y, whatever the sign of x was: absolute
(fcopysign (fabs x) y) => (fcopysign x y)

; the size forgets a copied sign
(fabs (fcopysign x y)) => (fabs x)

; bits seen as another type and back
(bitcast (bitcast x:R)) => x

; bits seen as another type twice
(bitcast (bitcast x)) when (scalar x) => (bitcast x)

; bits seen as what they are
(bitcast x:R) => x
`
