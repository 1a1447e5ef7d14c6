// Integer comparisons, and what branches, selects and traps ask: is it non-zero?

/** See rule-text.ts for the notation, rewriter.ts for the law. */
export const compares = `
; x = x
(icmp.eq x x) => 1

; not x ≠ x
(icmp.ne x x) => 0

; not x < x, signed
(icmp.slt x x) => 0

; x ≥ x, signed
(icmp.sge x x) => 1

; not x > x, signed
(icmp.sgt x x) => 0

; x ≤ x, signed
(icmp.sle x x) => 1

; not x < x, unsigned
(icmp.ult x x) => 0

; x ≥ x, unsigned
(icmp.uge x x) => 1

; not x > x, unsigned
(icmp.ugt x x) => 0

; x ≤ x, unsigned
(icmp.ule x x) => 1

; nothing is below zero, unsigned
(icmp.ult x 0) => 0

; everything is at least zero, unsigned
(icmp.uge x 0) => 1

; above zero is not zero, unsigned
(icmp.ugt x 0) => (icmp.ne x 0)

; at most zero is zero, unsigned
(icmp.ule x 0) => (icmp.eq x 0)

; below one is zero, unsigned
(icmp.ult x 1) => (icmp.eq x 0)

; at least one is not zero, unsigned
(icmp.uge x 1) => (icmp.ne x 0)

; nothing is above all ones, unsigned
(icmp.ugt x -1) => 0

; everything is at most all ones, unsigned
(icmp.ule x -1) => 1

; below all ones is another number, unsigned
(icmp.ult x -1) => (icmp.ne x -1)

; at least all ones is all ones, unsigned
(icmp.uge x -1) => (icmp.eq x -1)

; above −1 is at least 0, signed
(icmp.sgt x -1) => (icmp.sge x 0)

; at most −1 is below 0, signed
(icmp.sle x -1) => (icmp.slt x 0)

; below 1 is at most 0, signed
(icmp.slt x 1) => (icmp.sle x 0)

; at least 1 is above 0, signed
(icmp.sge x 1) => (icmp.sgt x 0)

; x − y = 0: x = y
(icmp.eq (isub x y) 0) => (icmp.eq x y)

; x − y ≠ 0: x ≠ y
(icmp.ne (isub x y) 0) => (icmp.ne x y)

; x ⊕ y = 0: x = y
(icmp.eq (bxor x y) 0) => (icmp.eq x y)

; x ⊕ y ≠ 0: x ≠ y
(icmp.ne (bxor x y) 0) => (icmp.ne x y)

; −x = 0: x = 0
(icmp.eq (ineg x) 0) => (icmp.eq x 0)

; −x ≠ 0: x ≠ 0
(icmp.ne (ineg x) 0) => (icmp.ne x 0)

; x + a = b: x = b − a
(icmp.eq (iadd x A) B) => (icmp.eq x [isub B A])

; x + a ≠ b: x ≠ b − a
(icmp.ne (iadd x A) B) => (icmp.ne x [isub B A])

; x ⊕ a = b: x = a ⊕ b
(icmp.eq (bxor x A) B) => (icmp.eq x [bxor A B])

; x ⊕ a ≠ b: x ≠ a ⊕ b
(icmp.ne (bxor x A) B) => (icmp.ne x [bxor A B])

; one bit is set: it is not clear
(icmp.eq (band x A) A) when (pow2 A) => (icmp.ne (band x A) 0)

; one bit is not set: it is clear
(icmp.ne (band x A) A) when (pow2 A) => (icmp.eq (band x A) 0)

; not a comparison: the opposite comparison
(icmp.eq (icmp.cc x y) 0) => (icmp.!cc x y)

; not a comparison, floats
(icmp.eq (fcmp.cc x y) 0) => (fcmp.!cc x y)

; not an extended comparison
(icmp.eq (uextend (icmp.cc x y)) 0) => (icmp.!cc x y)

; not an extended comparison, floats
(icmp.eq (uextend (fcmp.cc x y)) 0) => (fcmp.!cc x y)

; a comparison is not zero: itself
(icmp.ne m@(icmp.cc x y) 0) => m

; a comparison is not zero, floats
(icmp.ne m@(fcmp.cc x y) 0) => m

; an extended comparison is not zero
(icmp.ne (uextend m@(icmp.cc x y)) 0) => m

; an extended comparison is not zero, floats
(icmp.ne (uextend m@(fcmp.cc x y)) 0) => m

; an extended comparison is one
(icmp.eq (uextend m@(icmp.cc x y)) 1) => m

; an extended comparison is one, floats
(icmp.eq (uextend m@(fcmp.cc x y)) 1) => m

; an extended comparison is not one
(icmp.ne (uextend (icmp.cc x y)) 1) => (icmp.!cc x y)

; an extended comparison is not one, floats
(icmp.ne (uextend (fcmp.cc x y)) 1) => (fcmp.!cc x y)

; zero extensions are equal if what they extend is
(icmp.eq (uextend x) (uextend y:x)) => (icmp.eq x y)

; zero extensions differ if what they extend does
(icmp.ne (uextend x) (uextend y:x)) => (icmp.ne x y)

; zero extensions keep the order: below
(icmp.ult (uextend x) (uextend y:x)) => (icmp.ult x y)

; zero extensions keep the order: at least
(icmp.uge (uextend x) (uextend y:x)) => (icmp.uge x y)

; zero extensions keep the order: above
(icmp.ugt (uextend x) (uextend y:x)) => (icmp.ugt x y)

; zero extensions keep the order: at most
(icmp.ule (uextend x) (uextend y:x)) => (icmp.ule x y)

; zero extensions are not negative: below
(icmp.slt (uextend x) (uextend y:x)) => (icmp.ult x y)

; zero extensions are not negative: at least
(icmp.sge (uextend x) (uextend y:x)) => (icmp.uge x y)

; zero extensions are not negative: above
(icmp.sgt (uextend x) (uextend y:x)) => (icmp.ugt x y)

; zero extensions are not negative: at most
(icmp.sle (uextend x) (uextend y:x)) => (icmp.ule x y)

; sign extensions are equal if what they extend is
(icmp.eq (sextend x) (sextend y:x)) => (icmp.eq x y)

; sign extensions differ if what they extend does
(icmp.ne (sextend x) (sextend y:x)) => (icmp.ne x y)

; sign extensions keep the order: below
(icmp.slt (sextend x) (sextend y:x)) => (icmp.slt x y)

; sign extensions keep the order: above
(icmp.sgt (sextend x) (sextend y:x)) => (icmp.sgt x y)

; a zero extension and a constant of the narrow type: equal
(icmp.eq (uextend x) A) when (fits A x) => (icmp.eq x [ireduce A]:x)

; a zero extension and a constant of the narrow type: different
(icmp.ne (uextend x) A) when (fits A x) => (icmp.ne x [ireduce A]:x)

; a zero extension and a constant of the narrow type: below
(icmp.ult (uextend x) A) when (fits A x) => (icmp.ult x [ireduce A]:x)

; a zero extension and a constant of the narrow type: at least
(icmp.uge (uextend x) A) when (fits A x) => (icmp.uge x [ireduce A]:x)

; a zero extension and a constant of the narrow type: above
(icmp.ugt (uextend x) A) when (fits A x) => (icmp.ugt x [ireduce A]:x)

; a zero extension and a constant of the narrow type: at most
(icmp.ule (uextend x) A) when (fits A x) => (icmp.ule x [ireduce A]:x)

; a zero extension is below everything that the narrow type cannot hold
(icmp.ult (uextend x) A) when (above A x) => 1

; a zero extension is never above what the narrow type cannot hold
(icmp.ugt (uextend x) A) when (above A x) => 0

; a zero extension is at most what the narrow type cannot hold
(icmp.ule (uextend x) A) when (above A x) => 1

; a zero extension is not as much as what the narrow type cannot hold
(icmp.uge (uextend x) A) when (above A x) => 0

; a zero extension is not what the narrow type cannot hold
(icmp.eq (uextend x) A) when (above A x) => 0

; a zero extension differs from what the narrow type cannot hold
(icmp.ne (uextend x) A) when (above A x) => 1

; a sign extension and a constant of the narrow type: equal
(icmp.eq (sextend x) A) when (sfits A x) => (icmp.eq x [ireduce A]:x)

; a sign extension and a constant of the narrow type: different
(icmp.ne (sextend x) A) when (sfits A x) => (icmp.ne x [ireduce A]:x)

; a sign extension and a constant of the narrow type: below
(icmp.slt (sextend x) A) when (sfits A x) => (icmp.slt x [ireduce A]:x)

; a sign extension and a constant of the narrow type: at least
(icmp.sge (sextend x) A) when (sfits A x) => (icmp.sge x [ireduce A]:x)

; a sign extension and a constant of the narrow type: above
(icmp.sgt (sextend x) A) when (sfits A x) => (icmp.sgt x [ireduce A]:x)

; a sign extension and a constant of the narrow type: at most
(icmp.sle (sextend x) A) when (sfits A x) => (icmp.sle x [ireduce A]:x)

; testing an extension, zeros above
(test (uextend x)) => x

; testing an extension, signs above
(test (sextend x)) => x

; testing x ≠ 0 is testing x
(test (icmp.ne x 0)) => x

; testing x = 0 is testing x the other way round
(test (icmp.eq x 0)) => (not x)

; testing −x is testing x
(test (ineg x)) => x

; testing a mask of x ≠ 0 is testing x
(test (bmask x)) => x

; testing bytes in another order
(test (bswap x)) => x
`
