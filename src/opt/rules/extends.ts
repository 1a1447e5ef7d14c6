// Changes of width.

/** See rule-text.ts for the notation, rewriter.ts for the law. */
export const extensions = `
; extending twice, zeros
(uextend (uextend x)) => (uextend x)

; extending twice, signs
(sextend (sextend x)) => (sextend x)

; the sign of a zero extension is zero
(sextend (uextend x)) => (uextend x)

; cutting twice
(ireduce (ireduce x)) => (ireduce x)

; cutting off what was added, zeros
(ireduce (uextend x:R)) => x

; cutting off what was added, signs
(ireduce (sextend x:R)) => x

; cutting off more than was added, zeros
(ireduce (uextend x)) when (wider x) => (ireduce x)

; cutting off more than was added, signs
(ireduce (sextend x)) when (wider x) => (ireduce x)

; cutting off some of what was added, zeros
(ireduce (uextend x)) when (narrower x) => (uextend x)

; cutting off some of what was added, signs
(ireduce (sextend x)) when (narrower x) => (sextend x)

; masking bits that are cut off
(ireduce (band x A)) when (coversRoot A) => (ireduce x)

; cutting and extending what a narrow load has left zero anyway
(uextend r@(ireduce m:R)) when (zeroAbove m r) => m

; cutting and extending what a mask has left zero anyway
(uextend r@(ireduce m@(band y A):R)) when (fits A r) => m

; a mask of all ones or zeros, cut: made narrow at once
(ireduce (bmask x)) => (bmask x)
`
