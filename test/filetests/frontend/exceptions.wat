;; Calls under clauses, throws with and without handlers, landing pads of the four kinds of clause.
(module
  (import "m" "f" (func $f (param i32) (result i32)))
  (tag $t (param i32 f64))
  (tag $u)
  (func $throw (param i32 f64) (throw $t (local.get 0) (local.get 1)))
  (func $again (param exnref) (throw_ref (local.get 0)))
  (func $catch (param i32) (result i32 f64)
    (block $h (result i32 f64)
      (try_table (result i32) (catch $t $h) (call $f (local.get 0)))
      (f64.const 0)))
  (func $refs (result exnref) (local exnref)
    (block $all (result exnref)
      (block $one (result i32 f64 exnref)
        (try_table (catch_ref $t $one) (catch_all_ref $all) (drop (call $f (i32.const 1))) (throw $u))
        unreachable)
      (local.set 0) (drop) (drop) (local.get 0)))
  (func $nested
    (block $outer
      (try_table (catch $u $outer) (catch_all $outer)
        (block $inner
          (try_table (catch $u $inner) (return_call $nested))))))
)

;; ==>
;; function u0:1(i64 vmctx, i32, f64) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) tail
;;     fn0 = colocated u3:10 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32, v2: f64):
;; @0052       v3 = get_stack_pointer.i64
;; @0052       v4 = iconst.i64 -2147483648
;; @0052       v5 = band v3, v4
;; @0052       store notrap aligned little v1, v5+272
;; @0052       store notrap aligned little v2, v5+288
;; @0052       v6 = iconst.i32 0
;; @0052       call fn0(v0, v6)
;; @0052       trap user1
;; }
;;
;; function u0:2(i64 vmctx, i64) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i64) tail
;;     fn0 = colocated u3:11 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i64):
;; @0059       trapz v1, user16
;; @0059       call fn0(v0, v1)
;; @0059       trap user1
;; }
;;
;; function u0:3(i64 vmctx, i32) -> i32, f64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail_or_jump
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0067       v7 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0067       v8 = load.i64 notrap aligned readonly can_move runtime v0+40
;; @0067       try_call_indirect v7(v8, v1), sig0, block5(ret0), [ context v0, tag0: block3 ]
;;
;;         block5(v9: i32):
;; @0069       jump block4(v9)
;;
;;         block3 cold:
;; @0069       v10 = get_stack_pointer.i64
;; @0069       v11 = iconst.i64 -2147483648
;; @0069       v12 = band v10, v11
;; @0069       v13 = load.i32 notrap aligned little v12+256
;; @0069       v14 = load.f64 notrap aligned little v12+272
;; @0069       jump block2(v13, v14)
;;
;;         block4(v6: i32):
;; @006a       v15 = f64const 0.0
;; @0073       jump block2(v6, v15)
;;
;;         block2(v4: i32, v5: f64):
;; @0074       return v4, v5
;; }
;;
;; function u0:4(i64 vmctx) -> i64 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx, i32) -> i32 tail_or_jump
;;     sig1 = (i64 vmctx, i32) tail
;;     fn0 = colocated u3:10 sig1
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0085       v8 = iconst.i32 1
;; @0087       v9 = load.i64 notrap aligned readonly can_move runtime v0+32
;; @0087       v10 = load.i64 notrap aligned readonly can_move runtime v0+40
;; @0087       try_call_indirect v9(v10, v8), sig0, block7(ret0), [ context v0, tag1: block4(exn0), tag2147483647: block5(exn0) ]
;;
;;         block7(v11: i32):
;; @008a       v12 = iconst.i32 1
;; @008a       try_call fn0(v0, v12), sig1, block8, [ context v0, tag1: block4(exn0), tag2147483647: block5(exn0) ]
;;
;;         block8 cold:
;; @008a       trap user1
;;
;;         block4(v6: i64) cold:
;; @008a       v13 = get_stack_pointer.i64
;; @008a       v14 = iconst.i64 -2147483648
;; @008a       v15 = band v13, v14
;; @008a       v16 = load.i32 notrap aligned little v15+256
;; @008a       v17 = load.f64 notrap aligned little v15+272
;; @008a       jump block3(v16, v17, v6)
;;
;;         block5(v7: i64) cold:
;; @008a       jump block2(v7)
;;
;;         block3(v3: i32, v4: f64, v5: i64):
;; @0095       jump block2(v5)
;;
;;         block2(v2: i64):
;; @0096       return v2
;; }
;;
;; function u0:5(i64 vmctx) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx) tail
;;     fn0 = colocated u0:5 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @00ab       return_call fn0(v0)
;; }
