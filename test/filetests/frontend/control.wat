;; Blocks, loops, conditionals, multi-value, unreachable code.
(module
  (func $sum (param i32) (result i32) (local i32)
    (loop $l
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get 1))
  (func $block_without_branch (param i32) (result i32)
    (block (result i32) (i32.add (local.get 0) (i32.const 1))))
  (func $if_without_else (param i32) (result i32)
    (i32.const 3) (i32.const 4)
    (local.get 0)
    (if (param i32 i32) (result i32 i32) (then (i32.mul) (i32.const 9)))
    (i32.add))
  (func $if_params (param i32 i32) (result i32)
    (local.get 1)
    (if (param i32) (result i32) (local.get 0) (then (i32.const 1) (i32.add)) (else (i32.const 2) (i32.mul))))
  (func $loop_params (param i32) (result i32)
    (i32.const 1) (local.get 0)
    (loop (param i32 i32) (result i32)
      (local.set 0)
      (i32.mul (local.get 0))
      (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if 0 (local.get 0))
      (drop)))
  (func $table (param i32) (result i32)
    (block $c (result i32) (block $b (result i32) (block $a (result i32)
      (br_table $a $b $a $c (i32.const 10) (local.get 0)))
      (return (i32.add (i32.const 1))))
      (i32.add (i32.const 2))))
  (func $dead (param i32) (result i32)
    (block $b
      (br $b)
      (if (i32.const 1) (then (loop (br 0))) (else (drop (i32.load8_u offset=9 (unreachable)))))
      (unreachable))
    (block (return (local.get 0)))
    (unreachable))
  (func $multi (param i64) (result i32 i64)
    (br_if 0 (i32.const 1) (local.get 0) (i64.eqz (local.get 0)))
    (drop) (drop) (i32.const 2) (i64.const 3))
  (memory 1)
)

;; ==>
;; function u0:0(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @004d       v8 = iconst.i32 0
;; @003b       jump block2(v8, v1)
;;
;;         block2(v3: i32, v4: i32):
;; @0041       v5 = iadd v3, v4
;; @0046       v6 = iconst.i32 1
;; @0048       v7 = isub v4, v6
;; @004b       brif v7, block2(v5, v7), block3
;;
;;         block3:
;; @0050       return v5
;; }
;;
;; function u0:1(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0057       v4 = iconst.i32 1
;; @0059       v5 = iadd v1, v4
;; @005b       return v5
;; }
;;
;; function u0:2(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @005e       v3 = iconst.i32 3
;; @0060       v4 = iconst.i32 4
;; @0064       brif v1, block2, block3(v3, v4)
;;
;;         block2:
;; @0066       v7 = imul.i32 v3, v4
;; @0067       v8 = iconst.i32 9
;; @0069       jump block3(v7, v8)
;;
;;         block3(v5: i32, v6: i32):
;; @006a       v9 = iadd v5, v6
;; @006b       return v9
;; }
;;
;; function u0:3(i64 vmctx, i32, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: i32):
;; @0072       brif v1, block2, block4
;;
;;         block2:
;; @0074       v5 = iconst.i32 1
;; @0076       v6 = iadd.i32 v2, v5
;; @0077       jump block3(v6)
;;
;;         block4:
;; @0078       v7 = iconst.i32 2
;; @007a       v8 = imul.i32 v2, v7
;; @007b       jump block3(v8)
;;
;;         block3(v4: i32):
;; @007c       return v4
;; }
;;
;; function u0:4(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @007f       v3 = iconst.i32 1
;; @0083       jump block2(v3, v1)
;;
;;         block2(v4: i32, v5: i32):
;; @0089       v6 = imul v4, v5
;; @008c       v7 = iconst.i32 1
;; @008e       v8 = isub v5, v7
;; @0093       brif v8, block2(v6, v8), block3
;;
;;         block3:
;; @0097       return v6
;; }
;;
;; function u0:5(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @00a0       v6 = iconst.i32 10
;; @00a4       br_table v1, block2(v6), [block5, block3(v6), block5]
;;
;;         block5:
;; @00a4       jump block4(v6)
;;
;;         block4(v5: i32):
;; @00ab       v7 = iconst.i32 1
;; @00ad       v8 = iadd v5, v7
;; @00ae       return v8
;;
;;         block3(v4: i32):
;; @00b0       v9 = iconst.i32 2
;; @00b2       v10 = iadd v4, v9
;; @00b3       jump block2(v10)
;;
;;         block2(v3: i32):
;; @00b4       return v3
;; }
;;
;; function u0:6(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @00b9       jump block2
;;
;;         block2:
;; @00d1       return v1
;; }
;;
;; function u0:7(i64 vmctx, i64) -> i32, i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64):
;; @00d7       v4 = iconst.i32 1
;; @00de       brif v1, block2, block1(v4, v1)
;;
;;         block2:
;; @00e2       v5 = iconst.i32 2
;; @00e4       v6 = iconst.i64 3
;; @00e6       jump block1(v5, v6)
;;
;;         block1(v2: i32, v3: i64):
;; @00e6       return v2, v3
;; }
