// And, or, exclusive or, complement, counting.

/** See rule-text.ts for the notation, rewriter.ts for the law. */
export const bitops = `
; x ∧ 0 = 0
(band x 0) => 0

; x ∧ 1…1 = x
(band x -1) => x

; x ∧ x = x
(band x x) => x

; (x ∧ a) ∧ b = x ∧ (a ∧ b)
(band (band x A) B) => (band x [band A B])

; x ∧ ¬x = 0
(band x (bnot x)) => 0

; ¬x ∧ x = 0
(band (bnot x) x) => 0

; x ∧ (x ∨ y) = x
(band x (bor x y)) => x

; x ∧ (y ∨ x) = x
(band x (bor y x)) => x

; (x ∨ y) ∧ x = x
(band (bor x y) x) => x

; (x ∨ y) ∧ y = y
(band (bor x y) y) => y

; a zero extension has only its low bits: masking more is nothing
(band m@(uextend x) A) when (covers A x) => m

; so for narrow loads: uload8
(band m@(uload8 p) A) when (coversByte A) => m

; so for narrow loads: uload16
(band m@(uload16 p) A) when (coversShort A) => m

; comparisons are 0 or 1
(band m@(icmp.cc x y) 1) => m

; comparisons are 0 or 1, floats
(band m@(fcmp.cc x y) 1) => m

; extended comparisons too
(band m@(uextend b) 1) when (isBool b) => m

; the low half of an i64 is a zero extension
(band.i64 x 4294967295) => (uextend.i64 (ireduce.i32 x))

; x ∨ 0 = x
(bor x 0) => x

; x ∨ 1…1 = 1…1
(bor x -1) => -1

; x ∨ x = x
(bor x x) => x

; (x ∨ a) ∨ b = x ∨ (a ∨ b)
(bor (bor x A) B) => (bor x [bor A B])

; x ∨ ¬x = 1…1
(bor x (bnot x)) => -1

; ¬x ∨ x = 1…1
(bor (bnot x) x) => -1

; x ∨ (x ∧ y) = x
(bor x (band x y)) => x

; x ∨ (y ∧ x) = x
(bor x (band y x)) => x

; (x ∧ y) ∨ x = x
(bor (band x y) x) => x

; (x ∧ y) ∨ y = y
(bor (band x y) y) => y

; the two parts of x, rotated: left and right shifts that add up to the width
(bor (ishl x A) (ushr x B)) when (rotation A B) => (rotl x A)

; the same with the parts exchanged
(bor (ushr x B) (ishl x A)) when (rotation A B) => (rotl x A)

; x ⊕ 0 = x
(bxor x 0) => x

; x ⊕ x = 0
(bxor x x) => 0

; x ⊕ 1…1 = ¬x
(bxor x -1) => (bnot x)

; (x ⊕ a) ⊕ b = x ⊕ (a ⊕ b)
(bxor (bxor x A) B) => (bxor x [bxor A B])

; ¬x ⊕ a = x ⊕ ¬a
(bxor (bnot x) A) => (bxor x [bnot A])

; ¬x ⊕ ¬y = x ⊕ y
(bxor (bnot x) (bnot y)) => (bxor x y)

; (x ⊕ y) ⊕ y = x
(bxor (bxor x y) y) => x

; (x ⊕ y) ⊕ x = y
(bxor (bxor x y) x) => y

; b ⊕ 1 of a comparison is the opposite comparison
(bxor (icmp.cc x y) 1) => (icmp.!cc x y)

; the same with floats
(bxor (fcmp.cc x y) 1) => (fcmp.!cc x y)

; the same, extended
(bxor (uextend (icmp.cc x y)) 1) => (uextend (icmp.!cc x y))

; the same with floats, extended
(bxor (uextend (fcmp.cc x y)) 1) => (uextend (fcmp.!cc x y))

; ¬¬x = x
(bnot (bnot x)) => x

; ¬(x − 1) = −x
(bnot (iadd x -1)) => (ineg x)

; ~(a − x) = x + ~a
(bnot (isub A x)) => (iadd x [bnot A])

; −¬x = x + 1
(ineg (bnot x)) => (iadd x 1)

; bytes swapped twice
(bswap (bswap x)) => x

; bits reversed twice
(bitrev (bitrev x)) => x

; as many ones in whatever order the bytes are
(popcnt (bswap x)) => (popcnt x)

; as many ones in whatever order the bits are
(popcnt (bitrev x)) => (popcnt x)
`
