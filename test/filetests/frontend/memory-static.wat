;; Accesses in a reservation with a guard: no check unless the offset reaches beyond the guard.
(module
  (import "" "m" (memory $imported 1))
  (memory $defined 2)
  (func $plain (param i32) (result i64)
    (i64.store16 $defined offset=4 (local.get 0) (i64.load32_s $defined offset=8 (local.get 0)))
    (i64.load $defined (local.get 0)))
  (func $imported (param i32) (result f32) (f32.load $imported offset=1 align=1 (local.get 0)))
  (func $beyond_guard (param i32) (result i32) (i32.load $defined offset=0x2000000 (local.get 0)))
  (func $huge_offset (param i32) (result i32) (i32.load8_u $defined offset=0xffffffff (local.get 0)))
  (func $known (result i32) (i32.load $defined offset=4 (i32.const 0x1fff8)))
  (func $known_not (result i32) (i32.load $defined offset=5 (i32.const 0x1fff8)))
  (func $size_and_grow (param i32) (result i32)
    (i32.add (memory.size $defined) (memory.grow $imported (local.get 0))))
)

;; ==>
;; function u0:0(i64 vmctx, i32) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @003f       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @003f       v4 = uextend.i64 v1
;; @003f       v5 = iadd v3, v4
;; @003f       v6 = sload32.i64 little heap v5+8
;; @0043       v7 = uextend.i64 v1
;; @0043       v8 = iadd v3, v7
;; @0043       istore16 little heap v6, v8+4
;; @0049       v9 = uextend.i64 v1
;; @0049       v10 = iadd v3, v9
;; @0049       v11 = load.i64 little heap v10
;; @004d       return v11
;; }
;;
;; function u0:1(i64 vmctx, i32) -> f32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0052       v3 = load.i64 notrap aligned readonly can_move runtime v0+48
;; @0052       v4 = load.i64 notrap aligned readonly can_move runtime v3
;; @0052       v5 = uextend.i64 v1
;; @0052       v6 = iadd v4, v5
;; @0052       v7 = load.f32 little heap v6+1
;; @0055       return v7
;; }
;;
;; function u0:2(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @005a       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @005a       v4 = uextend.i64 v1
;; @005a       v5 = iconst.i64 0x0200_0004
;; @005a       v6 = iadd v4, v5
;; @005a       v7 = load.i64 notrap aligned runtime v0+40
;; @005a       v8 = icmp ugt v6, v7
;; @005a       trapnz v8, user19
;; @005a       v9 = iadd v3, v4
;; @005a       v10 = load.i32 notrap little heap v9+0x0200_0000
;; @0061       return v10
;; }
;;
;; function u0:3(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0066       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0066       v4 = uextend.i64 v1
;; @0066       v5 = iconst.i64 0x0001_0000_0000
;; @0066       v6 = iadd v4, v5
;; @0066       v7 = load.i64 notrap aligned runtime v0+40
;; @0066       v8 = icmp ugt v6, v7
;; @0066       trapnz v8, user17
;; @0066       v9 = iadd v3, v4
;; @0066       v10 = iconst.i64 0xffff_ffff
;; @0066       v11 = iadd v9, v10
;; @0066       v12 = uload8.i32 notrap little heap v11
;; @006e       return v12
;; }
;;
;; function u0:4(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0071       v2 = iconst.i32 0x0001_fff8
;; @0075       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0075       v4 = uextend.i64 v2
;; @0075       v5 = iadd v3, v4
;; @0075       v6 = load.i32 notrap little heap v5+4
;; @0079       return v6
;; }
;;
;; function u0:5(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @007c       v2 = iconst.i32 0x0001_fff8
;; @0080       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0080       v4 = uextend.i64 v2
;; @0080       v5 = iadd v3, v4
;; @0080       v6 = load.i32 little heap v5+5
;; @0084       return v6
;; }
;;
;; function u0:6(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32, i64) -> i64 tail
;;     fn0 = colocated u3:2 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0087       v3 = iconst.i32 16
;; @0087       v4 = load.i64 notrap aligned runtime v0+40
;; @0087       v5 = ushr v4, v3
;; @0087       v6 = ireduce.i32 v5
;; @008b       v7 = iconst.i32 0
;; @008b       v8 = uextend.i64 v1
;; @008b       v9 = call fn0(v0, v7, v8)
;; @008b       v10 = ireduce.i32 v9
;; @008d       v11 = iadd v6, v10
;; @008e       return v11
;; }
