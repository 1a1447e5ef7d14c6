;;! interruption = checks
;;! optimized = no
;; The address of VMStoreContext is loaded once per function.
(module
  (func $loops (param i32)
    (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (loop (br_if 0 (local.tee 0 (i32.add (local.get 0) (i32.const 1)))))
    (call $loops (i32.const 5)))
)

;; ==>
;; function u0:0(i64 vmctx, i32) tail {
;;     gv0 = vmctx
;;     gv1 = load.i64 notrap aligned readonly gv0+8
;;     gv2 = load.i64 notrap aligned gv1+16
;;     sig0 = () preserve_all
;;     sig1 = (i64 vmctx, i32) tail
;;     fn0 = colocated u5:1 sig0
;;     fn1 = colocated u0:0 sig1
;;     stack_limit = gv2
;;
;;         block0(v0: i64, v1: i32):
;; @0030       v19 = iconst.i32 5
;; @0018       v6 = iconst.i32 0
;; @0018       v3 = load.i64 notrap aligned readonly can_move runtime v0+8
;; @0018       v2 = iconst.i32 1
;; @0018       v4 = load.i32 notrap aligned countdown v3+8
;; @0018       v5 = isub v4, v2
;; @0018       store notrap aligned countdown v5, v3+8
;; @0018       v7 = icmp slt v5, v6
;; @0018       brif v7, block2, block3
;;
;;         block2 cold:
;; @0018       call fn0()
;; @0018       jump block3
;;
;;         block3:
;; @0018       jump block4(v1)
;;
;;         block4(v11: i32):
;; @0018       v8 = load.i32 notrap aligned countdown v3+8
;; @0018       v9 = isub v8, v2
;; @0018       store notrap aligned countdown v9, v3+8
;; @0018       v10 = icmp slt v9, v6
;; @0018       brif v10, block5, block6
;;
;;         block5 cold:
;; @0018       call fn0()
;; @0018       jump block6
;;
;;         block6:
;; @001e       v12 = isub.i32 v11, v2
;; @0021       brif v12, block4(v12), block7
;;
;;         block7:
;; @0024       jump block8(v12)
;;
;;         block8(v17: i32):
;; @0024       v14 = load.i32 notrap aligned countdown v3+8
;; @0024       v15 = isub v14, v2
;; @0024       store notrap aligned countdown v15, v3+8
;; @0024       v16 = icmp slt v15, v6
;; @0024       brif v16, block9, block10
;;
;;         block9 cold:
;; @0024       call fn0()
;; @0024       jump block10
;;
;;         block10:
;; @002a       v18 = iadd.i32 v17, v2
;; @002d       brif v18, block8(v18), block11
;;
;;         block11:
;; @0032       call fn1(v0, v19)
;; @0034       return
;; }
