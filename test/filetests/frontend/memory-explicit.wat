;;! memory = explicit
;; Without signals every access compares with the length.
(module
  (import "" "m" (memory $imported 1))
  (memory $defined 1)
  (func (param i32) (result i32) (i32.load $defined offset=16 (local.get 0)))
  (func (param i32 f64) (f64.store $imported (local.get 0) (local.get 1)))
  (func (result i32) (i32.load16_s $defined (i32.const 100)))
)

;; ==>
;; function u0:0(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0034       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0034       v4 = uextend.i64 v1
;; @0034       v5 = iconst.i64 20
;; @0034       v6 = iadd v4, v5
;; @0034       v7 = load.i64 notrap aligned runtime v0+40
;; @0034       v8 = icmp ugt v6, v7
;; @0034       trapnz v8, user19
;; @0034       v9 = iadd v3, v4
;; @0034       v10 = load.i32 notrap little heap v9+16
;; @0038       return v10
;; }
;;
;; function u0:1(i64 vmctx, i32, f64) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: f64):
;; @003f       v3 = load.i64 notrap aligned readonly can_move runtime v0+48
;; @003f       v4 = load.i64 notrap aligned readonly can_move runtime v3
;; @003f       v5 = uextend.i64 v1
;; @003f       v6 = iconst.i64 8
;; @003f       v7 = iadd v5, v6
;; @003f       v8 = load.i64 notrap aligned readonly can_move runtime v0+48
;; @003f       v9 = load.i64 notrap aligned runtime v8+8
;; @003f       v10 = icmp ugt v7, v9
;; @003f       trapnz v10, user20
;; @003f       v11 = iadd v4, v5
;; @003f       store notrap little heap v2, v11
;; @0042       return
;; }
;;
;; function u0:2(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0045       v2 = iconst.i32 100
;; @0048       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0048       v4 = uextend.i64 v2
;; @0048       v5 = iadd v3, v4
;; @0048       v6 = sload16.i32 notrap little heap v5
;; @004c       return v6
;; }
