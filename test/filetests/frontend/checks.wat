;;! interruption = checks
;; Loops, functions that call, tail calls too, and bulk operations count down; a leaf without a loop does not.
(module
  (memory 1)
  (func $leaf (param i32) (result i32) (local.get 0))
  (func $calls (param i32) (result i32) (call $leaf (local.get 0)))
  (func $tail (param i32) (result i32) (return_call $tail (local.get 0)))
  (func $loop (param i32)
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
  (func $bulk (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0)))
)

;; ==>
;; function u0:0(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0028       return v1
;; }
;;
;; function u0:1(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = () preserve_all
;;     sig1 = (i64 vmctx, i32) -> i32 tail
;;     fn0 = colocated u5:1 sig0
;;     fn1 = colocated u0:0 sig1
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @002b       v3 = iconst.i32 1
;; @002b       v4 = load.i64 notrap aligned readonly can_move runtime v0+8
;; @002b       v5 = load.i32 notrap aligned countdown v4+8
;; @002b       v6 = isub v5, v3
;; @002b       store notrap aligned countdown v6, v4+8
;; @002b       v7 = iconst.i32 0
;; @002b       v8 = icmp slt v6, v7
;; @002b       brif v8, block2, block3
;;
;;         block2 cold:
;; @002b       call fn0()
;; @002b       jump block3
;;
;;         block3:
;; @002d       v9 = call fn1(v0, v1)
;; @002f       return v9
;; }
;;
;; function u0:2(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = () preserve_all
;;     sig1 = (i64 vmctx, i32) -> i32 tail
;;     fn0 = colocated u5:1 sig0
;;     fn1 = colocated u0:2 sig1
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0032       v3 = iconst.i32 1
;; @0032       v4 = load.i64 notrap aligned readonly can_move runtime v0+8
;; @0032       v5 = load.i32 notrap aligned countdown v4+8
;; @0032       v6 = isub v5, v3
;; @0032       store notrap aligned countdown v6, v4+8
;; @0032       v7 = iconst.i32 0
;; @0032       v8 = icmp slt v6, v7
;; @0032       brif v8, block2, block3
;;
;;         block2 cold:
;; @0032       call fn0()
;; @0032       jump block3
;;
;;         block3:
;; @0034       return_call fn1(v0, v1)
;; }
;;
;; function u0:3(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = () preserve_all
;;     fn0 = colocated u5:1 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0039       jump block2(v1)
;;
;;         block2(v8: i32):
;; @0039       v2 = iconst.i32 1
;; @0039       v3 = load.i64 notrap aligned readonly can_move runtime v0+8
;; @0039       v4 = load.i32 notrap aligned countdown v3+8
;; @0039       v5 = isub v4, v2
;; @0039       store notrap aligned countdown v5, v3+8
;; @0039       v6 = iconst.i32 0
;; @0039       v7 = icmp slt v5, v6
;; @0039       brif v7, block3, block4
;;
;;         block3 cold:
;; @0039       call fn0()
;; @0039       jump block4
;;
;;         block4:
;; @003d       v9 = iconst.i32 1
;; @003f       v10 = isub.i32 v8, v9
;; @0042       brif v10, block2(v10), block5
;;
;;         block5:
;; @0045       return
;; }
;;
;; function u0:4(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i64, i64, i32, i64) tail
;;     fn0 = colocated u3:1 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0048       v2 = iconst.i32 0
;; @004a       v3 = iconst.i32 1
;; @004e       v4 = iconst.i64 32
;; @004e       v5 = iadd v0, v4
;; @004e       v6 = uextend.i64 v1
;; @004e       v7 = uextend.i64 v2
;; @004e       v8 = iconst.i32 6
;; @004e       v9 = ushr v6, v8
;; @004e       v10 = ireduce.i32 v9
;; @004e       v11 = load.i64 notrap aligned readonly can_move runtime v0+8
;; @004e       v12 = load.i32 notrap aligned countdown v11+8
;; @004e       v13 = isub v12, v10
;; @004e       store notrap aligned countdown v13, v11+8
;; @004e       call fn0(v0, v5, v7, v3, v6)
;; @0051       return
;; }
