;;! optimized = no
;; No optimiser follows: a memory's base is loaded once, at the beginning, constants stand there once, and the sum of base
;; and index is one instruction.
(module
  (import "" "m" (memory $imported 1))
  (memory $first 1)
  (func $branches (param i32) (result i32)
    (if (local.get 0) (then (i32.store $first (local.get 0) (i32.const 7))))
    (i32.store $first offset=4 (local.get 0) (i32.const 7))
    (i32.load8_u $imported (i32.add (local.get 0) (i32.const 263))))
  (func $beyond_guard (param i32) (result i32) (i32.load $first offset=0x2000000 (local.get 0)))
  (func $known (result i32) (i32.load $first offset=4 (i32.const 0xfff8)))
)

;; ==>
;; function u0:0(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0048       v7 = load.i64 notrap aligned readonly can_move runtime v0+48
;; @0048       v8 = load.i64 notrap aligned readonly can_move runtime v7
;; @0044       v5 = iconst.i32 263
;; @0035       v4 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0033       v3 = iconst.i32 7
;; @002f       brif v1, block2, block3
;;
;;         block2:
;; @0035       store_indexed.i32 little heap v3, v4, v1
;; @0039       jump block3
;;
;;         block3:
;; @003e       store_indexed.i32 little heap v3, v4, v1+4
;; @0047       v6 = iadd.i32 v1, v5
;; @0048       v9 = uload8_indexed.i32 little heap v8, v6
;; @004b       return v9
;; }
;;
;; function u0:1(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0050       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0050       v4 = uextend.i64 v1
;; @0050       v5 = iconst.i64 0x0200_0004
;; @0050       v6 = iadd v4, v5
;; @0050       v7 = load.i64 notrap aligned runtime v0+40
;; @0050       v8 = icmp ugt v6, v7
;; @0050       trapnz v8, user19
;; @0050       v9 = iadd v3, v4
;; @0050       v10 = load.i32 notrap little heap v9+0x0200_0000
;; @0057       return v10
;; }
;;
;; function u0:2(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @005e       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @005a       v2 = iconst.i32 0xfff8
;; @005e       v4 = load_indexed.i32 notrap little heap v3, v2+4
;; @0062       return v4
;; }
