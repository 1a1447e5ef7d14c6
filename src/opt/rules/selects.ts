// Selection by a condition. What a condition may be replaced by is the business of the test rules (compares.ts); selection
// by a known condition is decided in the walk (simplify.ts), which knows more than constants.

/** See rule-text.ts for the notation, rewriter.ts for the law. */
export const selects = `
; the same either way
(select c x x) => x

; 1 or 0 by a comparison is the comparison
(select m@(icmp.cc x y) 1:i8 0) => m

; 1 or 0 by a comparison, wider
(select m@(icmp.cc x y) 1 0) when (wide) => (uextend m)

; 0 or 1 by a comparison is the opposite comparison
(select (icmp.cc x y) 0:i8 1) => (icmp.!cc x y)

; 0 or 1 by a comparison, wider
(select (icmp.cc x y) 0 1) when (wide) => (uextend (icmp.!cc x y))

; 1 or 0 by a float comparison, wider
(select m@(fcmp.cc x y) 1 0) when (wide) => (uextend m)

; 0 or 1 by a float comparison, wider
(select (fcmp.cc x y) 0 1) when (wide) => (uextend (fcmp.!cc x y))

; y where x = y, x otherwise: x is as good
(select (icmp.eq x y) y x) => x

; x where x = y, y otherwise: y
(select (icmp.eq x y) x y) => y

; x where x ≠ y, y otherwise: x
(select (icmp.ne x y) x y) => x

; y where x ≠ y, x otherwise: y
(select (icmp.ne x y) y x) => y

; the same condition twice, inside the first arm
(select c (select c x y) z) => (select c x z)

; the same condition twice, inside the second arm
(select c x (select c y z)) => (select c x z)

; bits chosen by all ones
(bitselect -1 x y) => x

; bits chosen by zeros
(bitselect 0 x y) => y

; the same bits either way
(bitselect c x x) => x
`
