;; Comparisons: widened to i32 only where the value itself is wanted; eqz of a comparison is the opposite comparison.
(module
  (func $value (param i32 i32) (result i32)
    (i32.add (i32.lt_u (local.get 0) (local.get 1)) (i32.eqz (local.get 0))))
  (func $tested (param f64 f64) (result i32)
    (if (result i32) (i32.eqz (f64.lt (local.get 0) (local.get 1)))
      (then (i32.const 1)) (else (i32.const 2))))
  (func $through_local (param i64) (result i32) (local i32)
    (local.set 1 (i64.ge_s (local.get 0) (i64.const 5)))
    (select (i32.const 1) (i32.const 2) (local.get 1)))
)

;; ==>
;; function u0:0(i64 vmctx, i32, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: i32):
;; @002b       v4 = icmp ult v1, v2
;; @002b       v5 = uextend.i32 v4
;; @002e       v6 = iconst.i32 0
;; @002e       v7 = icmp eq v1, v6
;; @002e       v8 = uextend.i32 v7
;; @002f       v9 = iadd v5, v8
;; @0030       return v9
;; }
;;
;; function u0:1(i64 vmctx, f64, f64) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: f64, v2: f64):
;; @0037       v4 = fcmp lt v1, v2
;; @0039       brif v4, block4, block2
;;
;;         block2:
;; @003b       v6 = iconst.i32 1
;; @003d       jump block3(v6)
;;
;;         block4:
;; @003e       v7 = iconst.i32 2
;; @0040       jump block3(v7)
;;
;;         block3(v5: i32):
;; @0041       return v5
;; }
;;
;; function u0:2(i64 vmctx, i64) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64):
;; @0048       v3 = iconst.i64 5
;; @004a       v4 = icmp sge v1, v3
;; @004a       v5 = uextend.i32 v4
;; @004d       v6 = iconst.i32 1
;; @004f       v7 = iconst.i32 2
;; @0053       v8 = select v4, v6, v7
;; @0054       return v8
;; }
