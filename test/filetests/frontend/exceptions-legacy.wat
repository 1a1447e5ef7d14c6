;; The older instructions on the same tables.
(module
  (tag $t (param i32))
  (tag $u)
  (func $f)
  (func $catch (result i32)
    (try (result i32)
      (do (call $f) (i32.const 1))
      (catch $t)
      (catch $u (call $f) (i32.const 2))
      (catch_all (i32.const 3))))
  (func $rethrow
    (try $l (do (call $f)) (catch $t (drop) (rethrow $l))))
  (func $delegate
    (try $l
      (do
        (try (do (try (do (call $f)) (delegate $l))) (catch $u)))
      (catch $t (drop))))
)

;; ==>
;; function u0:0(i64 vmctx) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0029       return
;; }
;;
;; function u0:1(i64 vmctx) -> i32 tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx) tail
;;     fn0 = colocated u0:0 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @002e       try_call fn0(v0), sig0, block6, [ context v0, tag0: block3, tag2: block4, default: block5 ]
;;
;;         block6:
;; @0030       v3 = iconst.i32 1
;; @0032       jump block2(v3)
;;
;;         block3 cold:
;; @0032       v4 = get_stack_pointer.i64
;; @0032       v5 = iconst.i64 -2147483648
;; @0032       v6 = band v4, v5
;; @0032       v7 = load.i32 notrap aligned little v6+256
;; @0034       jump block2(v7)
;;
;;         block4 cold:
;; @0036       call fn0(v0)
;; @0038       v8 = iconst.i32 2
;; @003a       jump block2(v8)
;;
;;         block5 cold:
;; @003b       v9 = iconst.i32 3
;; @003d       jump block2(v9)
;;
;;         block2(v2: i32):
;; @003e       return v2
;; }
;;
;; function u0:2(i64 vmctx) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx) tail
;;     sig1 = (i64 vmctx, i64) tail
;;     fn0 = colocated u0:0 sig0
;;     fn1 = colocated u3:11 sig1
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0043       try_call fn0(v0), sig0, block4, [ context v0, tag1: block3(exn0) ]
;;
;;         block4:
;; @0045       jump block2
;;
;;         block3(v1: i64) cold:
;; @0045       v2 = get_stack_pointer.i64
;; @0045       v3 = iconst.i64 -2147483648
;; @0045       v4 = band v2, v3
;; @0045       v5 = load.i32 notrap aligned little v4+256
;; @0048       call fn1(v0, v1)
;; @0048       trap user1
;;
;;         block2:
;; @004b       return
;; }
;;
;; function u0:3(i64 vmctx) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = (i64 vmctx) tail
;;     fn0 = colocated u0:0 sig0
;;     stack_limit = gv2
;;
;;         block0(v0: i64):
;; @0054       try_call fn0(v0), sig0, block7, [ context v0, tag0: block3 ]
;;
;;         block7:
;; @0058       jump block4
;;
;;         block4:
;; @005b       jump block2
;;
;;         block3 cold:
;; @005b       v1 = get_stack_pointer.i64
;; @005b       v2 = iconst.i64 -2147483648
;; @005b       v3 = band v1, v2
;; @005b       v4 = load.i32 notrap aligned little v3+256
;; @005e       jump block2
;;
;;         block2:
;; @005f       return
;; }
