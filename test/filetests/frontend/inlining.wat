;;! inlining = yes

;; A function of a few bytes, and what calls it: parameters and locals are variables of the caller.
(module
  (import "h" "f" (func $import))
  (func $small (param i32) (result i32) (local i32)
    (local.set 1 (i32.add (local.get 1) (local.get 0)))
    (local.get 1))
  (func $once (param i32) (result i32) (call $small (local.get 0)))

  ;; Its local is zero in each turn.
  (func $loops (param i32) (result i32)
    (loop $l (br_if $l (call $small (local.get 0))))
    (i32.const 7))

  ;; Returns and branches to the outermost label go behind the call; what comes behind one that never returns is not reached.
  (func $returns (param i32) (result i32 i64)
    (if (local.get 0) (then (return (i32.const 1) (i64.const 2))))
    (block (br_if 1 (i32.const 3) (i64.const 4) (i32.eqz (local.get 0))) (drop) (drop))
    (i32.const 5) (i64.const 6))
  (func $takes (result i32) (call $returns (i32.const 9)) (i32.wrap_i64) (i32.add))
  (func $endless (loop (br 0)))
  (func $stops (result i32) (call $endless) (unreachable))

  ;; Not what only fails.
  (func $fails (param i32) (i32.store (i32.const 0) (local.get 0)) unreachable)
  (memory 1)
  (func $checks (param i32) (if (local.get 0) (then (call $fails (i32.const 1)))))

  ;; A call inside a try_table has its clauses; so have those of the function that it calls, and what that throws is a branch.
  (tag $t (param i32))
  (func $throws (param i32) (call $import) (throw $t (local.get 0)))
  (func $catches (result i32)
    (block $h (result i32) (try_table (catch $t $h) (call $throws (i32.const 4))) (i32.const 0)))

  ;; A recursion is unfolded twice.
  (func $down (param i32) (if (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))))

  ;; Nothing with a tail call, which would leave the caller.
  (func $tail (param i32) (return_call $small2 (local.get 0)))
  (func $small2 (param i32))
  (func $stays (call $tail (i32.const 1))))

;; ==>
;; function u0:1(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @004e       v3 = iconst.i32 0
;; @0052       v4 = iadd v3, v1
;; @0057       return v4
;; }
;;
;; function u0:2(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @005c       v3 = iconst.i32 0
;; @0066       v5 = iadd v3, v1
;; @005e       return v5
;; }
;;
;; function u0:3(i64 vmctx, i32) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0061       jump block2
;;
;;         block2:
;; @0065       v4 = iconst.i32 0
;; @0074       v6 = iadd v4, v1
;; @0067       brif v6, block2, block4
;;
;;         block4:
;; @006a       v7 = iconst.i32 7
;; @006c       return v7
;; }
;;
;; function u0:4(i64 vmctx, i32) -> i32, i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0071       brif v1, block2, block3
;;
;;         block2:
;; @0073       v4 = iconst.i32 1
;; @0075       v5 = iconst.i64 2
;; @0077       return v4, v5
;;
;;         block3:
;; @007b       v6 = iconst.i32 3
;; @007d       v7 = iconst.i64 4
;; @0082       brif.i32 v1, block5, block1(v6, v7)
;;
;;         block5:
;; @0087       v8 = iconst.i32 5
;; @0089       v9 = iconst.i64 6
;; @008b       jump block1(v8, v9)
;;
;;         block1(v2: i32, v3: i64):
;; @008b       return v2, v3
;; }
;;
;; function u0:5(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @008e       v2 = iconst.i32 9
;; @0098       brif v2, block3, block4
;;
;;         block3:
;; @009a       v5 = iconst.i32 1
;; @009c       v6 = iconst.i64 2
;; @009e       jump block2(v5, v6)
;;
;;         block4:
;; @00a2       v7 = iconst.i32 3
;; @00a4       v8 = iconst.i64 4
;; @00a9       brif.i32 v2, block6, block2(v7, v8)
;;
;;         block6:
;; @00ae       v9 = iconst.i32 5
;; @00b0       v10 = iconst.i64 6
;; @00b2       jump block2(v9, v10)
;;
;;         block2(v3: i32, v4: i64):
;; @0092       v11 = ireduce.i32 v4
;; @0093       v12 = iadd v3, v11
;; @0094       return v12
;; }
;;
;; function u0:6(i64 vmctx) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0097       jump block2
;;
;;         block2:
;; @0099       jump block2
;; }
;;
;; function u0:7(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @00a4       jump block3
;;
;;         block3:
;; @00a6       jump block3
;; }
;;
;; function u0:8(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @00a5       v2 = iconst.i32 0
;; @00a9       v3 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @00a9       v4 = uextend.i64 v2
;; @00a9       v5 = iadd v3, v4
;; @00a9       store notrap little heap v1, v5
;; @00ac       trap user1
;; }
;;
;; function u0:9(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) tail
;;     fn0 = colocated u0:8 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @00b2       brif v1, block2, block3
;;
;;         block2:
;; @00b4       v2 = iconst.i32 1
;; @00b6       call fn0(v0, v2)
;; @00b8       jump block3
;;
;;         block3:
;; @00b9       return
;; }
;;
;; function u0:10(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx) tail_or_jump
;;     sig1 = (i64 vmctx, i32) tail
;;     fn0 = colocated u3:10 sig1
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @00bc       v2 = load.i64 notrap aligned readonly can_move runtime v0+48
;; @00bc       v3 = load.i64 notrap aligned readonly can_move runtime v0+56
;; @00bc       call_indirect sig0, v2(v3)
;; @00c0       v4 = get_stack_pointer.i64
;; @00c0       v5 = iconst.i64 -2147483648
;; @00c0       v6 = band v4, v5
;; @00c0       store notrap aligned little v1, v6+272
;; @00c0       v7 = iconst.i32 0
;; @00c0       call fn0(v0, v7)
;; @00c0       trap user1
;; }
;;
;; function u0:11(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx) tail_or_jump
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @00cd       v3 = iconst.i32 4
;; @00d7       v4 = load.i64 notrap aligned readonly can_move runtime v0+48
;; @00d7       v5 = load.i64 notrap aligned readonly can_move runtime v0+56
;; @00d7       try_call_indirect v4(v5), sig0, block6, [ context v0, tag0: block3 ]
;;
;;         block6:
;; @00db       v6 = get_stack_pointer.i64
;; @00db       v7 = iconst.i64 -2147483648
;; @00db       v8 = band v6, v7
;; @00db       store.i32 notrap aligned little v3, v8+256
;; @00db       jump block3
;;
;;         block3 cold:
;; @00db       v9 = get_stack_pointer.i64
;; @00db       v10 = iconst.i64 -2147483648
;; @00db       v11 = band v9, v10
;; @00db       v12 = load.i32 notrap aligned little v11+256
;; @00db       jump block2(v12)
;;
;;         block2(v2: i32):
;; @00d5       return v2
;; }
;;
;; function u0:12(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) tail
;;     fn0 = colocated u0:12 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @00da       brif v1, block2, block3
;;
;;         block2:
;; @00de       v2 = iconst.i32 1
;; @00e0       v3 = isub.i32 v1, v2
;; @00e8       brif v3, block5, block6
;;
;;         block5:
;; @00ec       v4 = iconst.i32 1
;; @00ee       v5 = isub.i32 v3, v4
;; @00f6       brif v5, block8, block9
;;
;;         block8:
;; @00fa       v6 = iconst.i32 1
;; @00fc       v7 = isub.i32 v5, v6
;; @00fd       call fn0(v0, v7)
;; @00ff       jump block9
;;
;;         block9:
;; @00f1       jump block6
;;
;;         block6:
;; @00e3       jump block3
;;
;;         block3:
;; @00e4       return
;; }
;;
;; function u0:13(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) tail
;;     fn0 = colocated u0:14 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @00e9       return_call fn0(v0, v1)
;; }
;;
;; function u0:14(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @00ee       return
;; }
;;
;; function u0:15(i64 vmctx) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) tail
;;     fn0 = colocated u0:13 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @00f1       v1 = iconst.i32 1
;; @00f3       call fn0(v0, v1)
;; @00f5       return
;; }
